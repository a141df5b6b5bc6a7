import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { threeParts } from "./three-parts";

// Names change with the content only, so that the committed bundle can be compared with what its sources build.
export default defineConfig({
  plugins: [threeParts(), svelte({ compilerOptions: { runes: true, cssHash: ({ hash, css }) => `s-${hash(css)}` } })],
  build: {
    outDir: "../src/azygos/web/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    chunkSizeWarningLimit: 900,
    rollupOptions: {
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8017" } },
});
