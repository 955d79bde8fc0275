# syntax=docker/dockerfile:1

# The current LTS line of Node. Pin a digest where builds must be repeatable to the byte.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
# The lock file alone first: this layer is built again only when a dependency changes.
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# The stand-in providers leave dist, so that they are not in the service's image.
RUN npm run build && npx tsc -p examples/orders/tsconfig.json && mv dist/sandbox /sandbox
RUN npm prune --omit=dev

FROM ${NODE_IMAGE} AS runtime
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
USER node

# docker build --target sandbox: stand-in providers for development. They refuse NODE_ENV=production.
FROM runtime AS sandbox
ENV NODE_ENV=development
COPY --from=build /sandbox dist/sandbox
EXPOSE 12111 12112
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:12111/_sandbox/health').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/sandbox/main.js"]
CMD ["--host", "0.0.0.0"]

# docker build --target orders: the example orders service.
FROM runtime AS orders
COPY --from=build /app/dist/client dist/client
COPY --from=build /app/examples/orders/dist examples/orders/dist
USER root
RUN mkdir /data && chown node:node /data
USER node
ENV HOST=0.0.0.0 PORT=3002 ORDERS_DATA_DIR=/data
VOLUME /data
EXPOSE 3002
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/orders').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "examples/orders/dist/main.js"]

# The service, which is what a build without --target gives.
FROM runtime AS service
COPY --from=build /app/dist dist
ENV HOST=0.0.0.0 PORT=3003
EXPOSE 3003
# Liveness only: a service whose database or broker is away must not be restarted, it waits for them.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health/live').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# No init process is needed: Node is sent SIGTERM itself, closes what is under way, and has no children.
CMD ["node", "dist/main.js"]
