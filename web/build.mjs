// Builds the one script that a page includes: dist/kandidaat-chat.<version>.js.
import { readFileSync, rmSync } from "node:fs";
import { build } from "esbuild";

const { version } = JSON.parse(readFileSync("package.json", "utf8"));

// The one place where the contact and the privacy page stand is the facts; the widget shows them without asking the server.
const facts = readFileSync("../assistant/facts.yml", "utf8");
const fact = (name) => facts.match(new RegExp(`^${name}:\\n(?:  .*\\n)*?  waarde: (.+)$`, "m"))[1];

rmSync("dist", { recursive: true, force: true });
await build({
  entryPoints: ["src/mount.ts"],
  outfile: `dist/kandidaat-chat.${version}.js`,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2021"],
  legalComments: "none",
  conditions: ["production"],
  define: {
    CONTACT: JSON.stringify(`${fact("contact_telefoon")} of ${fact("contact_email")}`),
    PRIVACY: JSON.stringify(JSON.parse(fact("website_privacy"))),
  },
});
