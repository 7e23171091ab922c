# Two images: `agent` (beside each ProxySQL) and `coordinator` (coordinator, injector, command line, sandbox).
#   docker build --target agent -t chester-agent .
#   docker build --target coordinator -t chester .
# With buildah also --build-arg BUILD=source, or it leaves that stage out; `make images` does.
# Neither needs a shell, root, or a writable root file system.
ARG NODE_IMAGE=docker.io/library/node:22-bookworm-slim
# source: builds here, so that the agent's code cache is of this very Node. local: takes dist/ as it is.
ARG BUILD=source

FROM ${NODE_IMAGE} AS build-source
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run --silent build

FROM scratch AS build-local
COPY dist/chester-agent /src/dist/chester-agent
COPY dist/chester /src/dist/chester

FROM build-${BUILD} AS build

FROM ${NODE_IMAGE} AS agent
COPY --from=build /src/dist/chester-agent /app
USER 65532:65532
ENV NODE_ENV=production
EXPOSE 8081
ENTRYPOINT ["node", "/app/chester-agent.cjs"]

FROM ${NODE_IMAGE} AS coordinator
COPY --from=build /src/dist/chester /app
USER 65532:65532
ENV NODE_ENV=production
EXPOSE 8080 8443 9443
ENTRYPOINT ["node", "/app/lib/bin/chester.js"]
CMD ["coordinator"]
