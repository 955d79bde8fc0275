import type { Command } from 'commander';
import type { InSession } from './cli.session.js';
import type { Answer } from './endpoints.commands.js';

interface SchemaFlags {
  indexes?: boolean;
  json?: boolean;
}

/** `migrate`, and `migrate --indexes`. */
export function addSchemaCommands(
  program: Command,
  inSession: InSession,
  tell: (answer: Answer, asJson: boolean) => void,
): void {
  program
    .command('migrate')
    .description(
      'bring the schema up to date, as every start does; over MIGRATION_DATABASE_URL where it is set',
    )
    .option(
      '--indexes',
      'build the indexes too that a start leaves out on large tables, while the service runs',
    )
    .option('--json', 'answer with JSON, for programs')
    .action(async ({ indexes = false, json = false }: SchemaFlags) => {
      const data = await inSession(async ({ schema }) => {
        const built = indexes ? await schema.buildIndexes() : [];
        return { migrations: schema.migrations, built, missing: await schema.missingIndexes() };
      });
      tell({ data, text: textOf(data) }, json);
    });
}

function textOf({
  migrations,
  built,
  missing,
}: {
  migrations: number;
  built: string[];
  missing: string[];
}): string {
  const lines = [`The schema is up to date: ${migrations} migrations.`];
  if (built.length > 0) lines.push(`Built: ${built.join(', ')}.`);
  if (missing.length > 0) lines.push(`Not built yet: ${missing.join(', ')}. Run it with --indexes.`);
  return lines.join('\n');
}
