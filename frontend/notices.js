import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

const LICENCE = /^(licen[cs]e|notice|copying)/i;
// What ends in the built files; tools that only build are not shipped.
const SHIPPED = ["@tabler/core", "@popperjs/core", "@expo-google-fonts/noto-sans-sc"];
// The package carries no licence file; this is the one of its repository.
const TABLER = "MIT License. Copyright (c) 2018-2026 The Tabler Authors. Parts: Bootstrap, MIT, Copyright (c) 2011-2026 The Bootstrap Authors.";

/** Write name, version, licence and licence texts of every package whose code or files are shipped. */
export function notices(target) {
  return {
    name: "notices",
    closeBundle() {
      const parts = SHIPPED.map((name) => {
        const folder = resolve(import.meta.dirname, "node_modules", name);
        const about = JSON.parse(readFileSync(resolve(folder, "package.json"), "utf8"));
        const texts = readdirSync(folder).filter((file) => LICENCE.test(file)).sort();
        const body = texts.map((file) => readFileSync(resolve(folder, file), "utf8").trim());
        if (!body.length && name === "@tabler/core") body.push(TABLER);
        return [`${about.name} ${about.version} (${about.license})`, ...body].join("\n\n");
      });
      writeFileSync(target, parts.join(`\n\n${"-".repeat(72)}\n\n`) + "\n");
    },
  };
}
