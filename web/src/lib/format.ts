export function shown(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const digits = unit === "mmHg" ? 1 : size < 1 ? 2 : size < 100 ? 1 : 0;
  return value.toFixed(digits).replace("-", "−");
}

/** Minus signs before numbers in place of hyphens. */
export const signed = (text: string) => text.replaceAll(/(^|[( ])-(?=[\d.])/g, "$1−");

/** Saves text or a picture as a file of the browser's. */
export function save(name: string, content: string | Blob, type = ""): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Rows of cells; a row of one text that begins with # is a remark, as readers know it. */
export function csv(rows: (string | number | null)[][]): string {
  const cell = (value: string | number | null) => {
    const text = value === null ? "" : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const line = (row: (string | number | null)[]) => (String(row[0]).startsWith("# ") ? String(row[0]).replaceAll("\n", " ") : row.map(cell).join(","));
  return rows.map(line).join("\n") + "\n";
}

/** An SVG as a PNG of so many pixels across, on a ground of its own. */
export async function png(svg: string, ground: string, across = 2000): Promise<Blob> {
  const image = new Image();
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = across;
    canvas.height = Math.round((across * image.height) / image.width);
    const context = canvas.getContext("2d")!;
    context.fillStyle = ground;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/png"));
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** SVGs of one size side by side. */
export function beside(pictures: string[], across = 900, down = 900): string {
  const set = pictures.map((one, i) => one.replace(/<svg ([^>]*?) width="[^"]*" height="[^"]*"/, `<svg $1 x="${i * across}" width="${across}" height="${down}"`));
  const size = `width="${pictures.length * across}" height="${down}" viewBox="0 0 ${pictures.length * across} ${down}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${set.join("")}</svg>\n`;
}
