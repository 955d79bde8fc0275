import type { Command } from 'commander';
import type { InSession } from './cli.session.js';
import { type Tell, withJson } from './cli.answer.js';

/** `migrate`, and `migrate --indexes`. */
export function addSchemaCommands(program: Command, inSession: InSession, tell: Tell): void {
  withJson(program.command('migrate'))
    .description(
      'bring the schema up to date, as every start does; over MIGRATION_DATABASE_URL where it is set',
    )
    .option(
      '--indexes',
      'build the indexes too that a start leaves out on large tables, while the service runs',
    )
    .action(async ({ indexes = false, json = false }: { indexes?: boolean; json?: boolean }) => {
      const data = await inSession(async ({ schema }) => {
        const built = indexes ? await schema.buildIndexes() : [];
        return { migrations: schema.migrations, built, missing: await schema.missingIndexes() };
      });
      const { migrations, built, missing } = data;
      const lines = [`The schema is up to date: ${migrations} migrations.`];
      if (built.length > 0) lines.push(`Built: ${built.join(', ')}.`);
      if (missing.length > 0) lines.push(`Not built yet: ${missing.join(', ')}. Run it with --indexes.`);
      tell({ data, text: lines.join('\n') }, json);
    });
}
