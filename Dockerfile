# syntax=docker/dockerfile:1

# Compiles everything: the service, the stand-in provider, the example orders service.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY nest-cli.json tsconfig.json tsconfig.build.json tsconfig.client.json ./
COPY src ./src
COPY examples ./examples
RUN npm run build && npm run build:orders && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim AS runtime
WORKDIR /app
COPY --from=build --chown=root:root /app/package.json ./
COPY --from=build --chown=root:root /app/node_modules ./node_modules
COPY --from=build --chown=root:root /app/dist ./dist
USER node

# The example orders service: docker build --target orders
FROM runtime AS orders
COPY --from=build --chown=root:root /app/examples/orders/dist ./examples/orders/dist
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3002
EXPOSE 3002
CMD ["node", "examples/orders/dist/main.js"]

# The stand-in provider, for development: docker build --target sandbox
FROM runtime AS sandbox
ENV NODE_ENV=development
EXPOSE 12111
CMD ["node", "dist/sandbox/main.js", "--host", "0.0.0.0"]

# The service itself. Last, so that a plain `docker build` makes it.
FROM runtime AS service
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3003
EXPOSE 3003
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
