import { defineConfig } from "vite";

// The names of the two files are fixed: the templates name them, and a browser asks each time whether its copy is good.
export default defineConfig({
  base: "/static/desk/",
  publicDir: false,
  build: {
    outDir: "../../static/desk",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    cssCodeSplit: false,
    rollupOptions: {
      input: "src/main.ts",
      output: { entryFileNames: "desk.js", assetFileNames: "desk[extname]", inlineDynamicImports: true },
    },
  },
});
