# One image a service: --build-arg SERVICE=api|worker|scaler|janitor. Builds with docker, buildah and podman.
ARG NODE_IMAGE=node:24-trixie-slim

# What npm has to know of, without any source: a change of the code leaves the installed layers as they are.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY package.json package-lock.json ./
COPY packages/core/package.json packages/core/
COPY services/api/package.json services/api/
COPY services/worker/package.json services/worker/
COPY services/scaler/package.json services/scaler/
COPY services/janitor/package.json services/janitor/
COPY services/console/package.json services/console/
COPY packages/client/package.json packages/client/

# The same for all services, so it is done once. Without install scripts: what they fetch, a Node of our own, is here already.
FROM manifests AS compiled
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.base.json tsconfig.build.json ./
COPY dev/build.ts dev/
COPY dev/console/build-console.ts dev/console/
COPY packages packages
COPY services services
RUN npm run build
# What one service alone carries: the api the console, and the page about errors, which it shows.
COPY docs/errors.md for/api/docs/
RUN mkdir -p for/api/services/console for/worker for/scaler for/janitor && mv services/console/dist for/api/services/console/

# The service's own production dependencies; types, source maps and third parties' TypeScript are never read.
FROM manifests AS dependencies
ARG SERVICE
RUN test -d "services/${SERVICE:?name it: --build-arg SERVICE=api, worker, scaler or janitor}" \
  && npm ci --omit=dev --ignore-scripts --no-audit --no-fund --workspace "services/${SERVICE}" \
  && find node_modules -type f \( -name '*.ts' -o -name '*.cts' -o -name '*.mts' -o -name '*.map' \) -delete \
  && echo "import './services/${SERVICE}/dist/main.js';" > main.js

FROM ${NODE_IMAGE}
ARG SERVICE
ARG VERSION=0.0.0
LABEL org.opencontainers.image.title="factorial-${SERVICE}" \
  org.opencontainers.image.description="Slow work behind a web API: the ${SERVICE}" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}"
ENV NODE_ENV=production
WORKDIR /app
# Owned by root: the process cannot change its own program.
COPY --from=dependencies /app/node_modules node_modules
COPY --from=dependencies /app/main.js /app/package.json ./
COPY --from=compiled /app/packages/core/package.json packages/core/
COPY --from=compiled /app/packages/core/dist packages/core/dist
COPY --from=compiled /app/services/${SERVICE}/package.json services/${SERVICE}/
COPY --from=compiled /app/services/${SERVICE}/dist services/${SERVICE}/dist
COPY --from=compiled /app/for/${SERVICE}/ ./
COPY LICENSE ./
# As numbers: Kubernetes' runAsNonRoot does not look names up.
USER 1000:1000
# Imports services/<service>/dist/main.js: CMD knows no build arguments.
CMD ["node", "main.js"]
