import { copyFileSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig } from "vite";
import { notices } from "./notices.js";

const here = import.meta.dirname;
const out = resolve(here, "../src/ballast/web/static/dist");
const tabler = resolve(here, "node_modules/@tabler/core/js/src/bootstrap");

/** Faces for documents on machines without a Chinese font; pages themselves use the system's fonts. */
function fonts() {
  const from = resolve(here, "node_modules/@expo-google-fonts/noto-sans-sc");
  const to = resolve(out, "fonts");
  return {
    name: "fonts",
    closeBundle() {
      mkdirSync(to, { recursive: true });
      copyFileSync(resolve(from, "400Regular/NotoSansSC_400Regular.ttf"), resolve(to, "NotoSansSC-Regular.ttf"));
      copyFileSync(resolve(from, "700Bold/NotoSansSC_700Bold.ttf"), resolve(to, "NotoSansSC-Bold.ttf"));
      copyFileSync(resolve(from, "LICENSE_FONT"), resolve(to, "OFL.txt"));
    },
  };
}

export default defineConfig({
  base: "./",
  publicDir: false,
  resolve: { alias: { "tabler/collapse": `${tabler}/collapse.ts`, "tabler/dropdown": `${tabler}/dropdown.ts` } },
  build: {
    outDir: out,
    emptyOutDir: true,
    sourcemap: false,
    target: "es2022",
    modulePreload: false,
    rollupOptions: {
      input: { ballast: resolve(here, "src/main.ts"), theme: resolve(here, "src/theme.ts") },
      output: { entryFileNames: "[name].js", chunkFileNames: "[name].js", assetFileNames: "[name][extname]" },
    },
  },
  plugins: [fonts(), notices(resolve(out, "THIRD_PARTY.txt"))],
});
