import type { Plugin } from "vite";

// Of three's shaders the picture of the vessels uses two, Lambert's and the basic one, and of these no map, shadow or
// bone. The texts of all others would be a sixth of the bundle; they are left empty.

const USED = ["meshlambert_vert", "meshlambert_frag", "meshbasic_vert", "meshbasic_frag", "colorspace_pars_fragment"];
const UNUSED = /^(shadowmap|shadowmask_|envmap|bumpmap|normalmap|displacementmap|skin|morph|batching|lightmap|aomap|emissivemap|alphamap|alphahash|map_|uv_|fog|dithering|clipping|logdepthbuf|cube_uv)/;

export function threeParts(): Plugin {
  return {
    name: "three-parts",
    transform(code, id) {
      if (!/three\.module(\.min)?\.js$/.test(id)) return null;
      const table = /const ShaderChunk = \{([\s\S]*?)\};/.exec(code);
      if (!table) throw new Error("three: no table of shaders; see three-parts.ts");
      const variable = new Map([...table[1].matchAll(/(\w+): ([\w$]+)/g)].map(([, name, variable]) => [name, variable]));
      const text = (name: string) => new RegExp(`(?:var|const) ${variable.get(name)?.replaceAll("$", "\\$")} = "((?:[^"\\\\]|\\\\.)*)"`).exec(code)?.[1] ?? "";
      const kept = new Set<string>();
      const keep = (name: string): void => {
        if (kept.has(name) || UNUSED.test(name)) return;
        kept.add(name);
        for (const [, part] of text(name).matchAll(/#include +<([\w.]+)>/g)) keep(part);
      };
      USED.forEach(keep);
      const emptied = [...variable].filter(([name]) => !kept.has(name)).reduce((left, [, variable]) => {
        const line = new RegExp(`((?:var|const) ${variable.replaceAll("$", "\\$")} = )"(?:[^"\\\\]|\\\\.)*"`);
        return left.replace(line, '$1""');
      }, code);
      return { code: emptied, map: null };
    },
  };
}
