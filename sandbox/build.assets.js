// What is served to browsers as it is goes beside the compiled code.
import { cpSync } from 'node:fs';

for (const folder of ['stripe/embedded', 'conekta/component']) {
  cpSync(new URL(`${folder}/`, import.meta.url), new URL(`dist/${folder}/`, import.meta.url), {
    recursive: true,
  });
}
