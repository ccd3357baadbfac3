import { defineConfig } from "vite";

// The names of the two files are fixed: the template names them, and a browser asks each time whether its copy is good.
export default defineConfig({
  base: "/static/dashboard/",
  publicDir: false,
  server: { fs: { allow: ["../.."] } }, // tests read the templates beside the bundle
  build: {
    outDir: "../../static/dashboard",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    cssCodeSplit: false,
    rollupOptions: {
      input: "src/main.ts",
      output: { entryFileNames: "dashboard.js", assetFileNames: "dashboard[extname]", inlineDynamicImports: true },
    },
  },
});
