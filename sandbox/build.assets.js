// Beside the compiled code goes what is served to browsers as it is; the program can be started by its name.
import { chmodSync, cpSync } from 'node:fs';

for (const folder of ['stripe/embedded', 'conekta/component']) {
  cpSync(new URL(`${folder}/`, import.meta.url), new URL(`dist/${folder}/`, import.meta.url), {
    recursive: true,
    filter: (file) => !file.endsWith('.ts'),
  });
}
chmodSync(new URL('dist/main.js', import.meta.url), 0o755);
