# Every process but the Dataflow worker. Build from the root of the repository:
#   docker build -f infra/images/floorlog.Dockerfile -t floorlog .
FROM node:22-bookworm-slim AS scripts
WORKDIR /src
COPY workers/web workers/web
RUN for bundle in desk dashboard; do \
      cd /src/workers/web/$bundle/bundle && npm ci --ignore-scripts && npm run build || exit 1; \
    done

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY infra/images/requirements.lock .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY floorlog floorlog
COPY pipelines pipelines
COPY workers workers
COPY --from=scripts /src/workers/web/static workers/web/static
COPY schemas schemas
RUN /opt/venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
    && /opt/venv/bin/pip check

FROM python:3.11-slim-bookworm
# Numbered, so that a volume can be given to it.
RUN useradd --uid 10001 --create-home floorlog && install -d -o floorlog /data
COPY --from=build /opt/venv /opt/venv
COPY infra/images/entrypoint.py /opt/entrypoint.py
ENV PATH=/opt/venv/bin:$PATH FLOORLOG_DATA=/data FLOORLOG_LOG_FORMAT=json PYTHONUNBUFFERED=1
USER floorlog
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["python", "/opt/entrypoint.py", "floorlog"]
CMD ["up"]
