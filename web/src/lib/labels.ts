import type { Scene } from "./draw";

// Names in a column at each side, each with a fine line to its vessel: the patient's right is on the left.

const NAMED: Record<string, [string, string, number, "left" | "right"][]> = {
  upper: [
    ["sss_posterior", "superior sagittal sinus", 0.3, "right"],
    ["transverse_sinus_r", "transverse sinus", 0.5, "left"],
    ["sigmoid_sinus_l", "sigmoid sinus", 0.4, "right"],
    ["ijv_r", "internal jugular vein", 0.45, "left"],
    ["ijv_l", "internal jugular vein", 0.6, "right"],
    ["common_carotid_l", "common carotid artery", 0.5, "right"],
    ["vertebral_vein_r", "vertebral vein", 0.6, "left"],
    ["brachiocephalic_l", "brachiocephalic vein", 0.5, "right"],
    ["svc_upper", "superior vena cava", 0.7, "left"],
    ["azygos", "azygos vein", 0.5, "left"],
    ["aortic_arch_1", "aortic arch", 0.6, "right"],
  ],
  whole: [
    ["sss_posterior", "superior sagittal sinus", 0.3, "right"],
    ["ijv_r", "internal jugular vein", 0.5, "left"],
    ["ijv_l", "internal jugular vein", 0.5, "right"],
    ["svc_upper", "superior vena cava", 0.7, "left"],
    ["azygos_lower", "azygos vein", 0.5, "left"],
    ["ivc_renal", "inferior vena cava", 0.5, "left"],
    ["aorta_abdominal_3", "abdominal aorta", 0.5, "right"],
    ["femoral_vein_r", "femoral vein", 0.5, "left"],
    ["great_saphenous_vein_l", "great saphenous vein", 0.6, "right"],
  ],
};
NAMED.head = NAMED.upper;
NAMED.neck = NAMED.upper;

export function drawLabels(context: CanvasRenderingContext2D, scene: Scene, view: string, ink: string): void {
  const { window: at, width, height } = scene;
  const x = (cm: number) => width / 2 + (cm - at.x) * at.scale;
  const y = (cm: number) => height / 2 - (cm - at.y) * at.scale;
  context.font = "11.5px system-ui, sans-serif";
  context.textBaseline = "middle";
  const shift = at.scale;
  for (const side of ["left", "right"] as const) {
    const found = (NAMED[view] ?? []).filter((one) => one[3] === side).flatMap(([name, words, share]) => {
      const line = scene.lines.find((one) => one.vessel.name === name);
      if (!line) return [];
      const i = line.along.findIndex((d) => d >= share);
      const [px, py] = [x(line.xs[i]), y(line.ys[i])];
      return px > 8 && px < width - 8 && py > 60 && py < height - (side === "left" ? 120 : 40) ? [{ words, px, py, at: py }] : [];
    });
    found.sort((a, b) => a.py - b.py);
    found.forEach((one, i) => { if (i && one.at < found[i - 1].at + 19) one.at = found[i - 1].at + 19; });
    const wide = Math.min(width / 2 - 8, Math.max(11.5 * shift, 130) + 90);
    const column = side === "left" ? width / 2 - wide : width / 2 + wide;
    for (const one of found) {
      const measured = context.measureText(one.words).width;
      const edge = side === "left" ? Math.max(column, 6 + measured) : Math.min(column, width - 6 - measured);
      context.strokeStyle = ink;
      context.globalAlpha = 0.45;
      context.lineWidth = 0.8;
      context.beginPath();
      context.moveTo(edge + (side === "left" ? 5 : -5), one.at);
      context.lineTo(edge + (side === "left" ? 14 : -14), one.at);
      context.lineTo(one.px, one.py);
      context.stroke();
      context.globalAlpha = 1;
      context.beginPath();
      context.arc(one.px, one.py, 2, 0, 2 * Math.PI);
      context.fillStyle = ink;
      context.fill();
      context.textAlign = side === "left" ? "right" : "left";
      context.lineWidth = 3;
      context.strokeStyle = scene.theme === "light" ? "#fbfaf8" : "#10161c";
      context.strokeText(one.words, edge, one.at);
      context.fillText(one.words, edge, one.at);
    }
  }
}
