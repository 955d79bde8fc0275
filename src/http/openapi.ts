import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { readFileSync } from 'node:fs';
import { ERROR_CODES } from '../kernel/errors.js';
import { contentSecurityPolicy } from './security.headers.js';

/** Swagger's page loads its own script and style, and writes style attributes. */
const DOCS_POLICY = contentSecurityPolicy({
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
});

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Serves `/docs` and `/docs-json`. Call before `app.init()`. */
export function describeApi(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    if (/^\/docs(?:[/?#-]|$)/.test(request.url)) reply.header('content-security-policy', DOCS_POLICY);
    done();
  });
  SwaggerModule.setup('docs', app, () => buildDocument(app), { jsonDocumentUrl: 'docs-json' });
}

function buildDocument(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Payments')
    .setDescription('Checkout sessions, payments and what became of them. Amounts are in minor units.')
    .setVersion(packageVersion())
    .addTag('checkout sessions')
    .addTag('payments')
    .addTag('webhooks')
    .addTag('operations')
    .addTag('health')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A key of API_KEYS' })
    .addSecurityRequirements('bearer')
    .build();
  return withErrors(SwaggerModule.createDocument(app, config));
}

/** Every operation may answer with the one error body. */
function withErrors(document: OpenAPIObject): OpenAPIObject {
  const { components } = document;
  document.components = { ...components, schemas: { ...components?.schemas, Error: ERROR_SCHEMA } };
  const answer = {
    description: 'Any failure. The codes are explained in docs/errors.md.',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  };
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation = path[method];
      if (operation !== undefined) operation.responses = { ...operation.responses, default: answer };
    }
  }
  return document;
}

const ERROR_SCHEMA = {
  type: 'object',
  required: ['code', 'message', 'details', 'requestId'],
  properties: {
    code: { type: 'string', enum: Object.keys(ERROR_CODES) },
    message: { type: 'string', description: 'For people; it may change.' },
    details: {
      oneOf: [
        {
          type: 'array',
          items: {
            type: 'object',
            required: ['field', 'rule'],
            properties: { field: { type: 'string', example: 'items[0].price' }, rule: { type: 'string' } },
          },
        },
        { type: 'object', additionalProperties: true },
      ],
    },
    requestId: { type: 'string' },
  },
};

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return version;
}
