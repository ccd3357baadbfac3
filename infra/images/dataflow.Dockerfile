# One image for both sides of Dataflow: the Flex Template's launcher and the workers. Build from the root:
#   docker build -f infra/images/dataflow.Dockerfile --build-arg LAUNCHER=… --build-arg SECRET=projects/P/secrets/S -t … .
# LAUNCHER is Google's launcher image for Python 3.11 (python311-template-launcher-base), named with its digest.
ARG LAUNCHER
FROM ${LAUNCHER} AS launcher
FROM apache/beam_python3.11_sdk:2.77.0 AS beam

FROM python:3.11-slim-bookworm
COPY --from=beam /opt/apache/beam /opt/apache/beam
COPY --from=launcher /opt/google/dataflow/python_template_launcher /opt/google/dataflow/python_template_launcher
WORKDIR /src
COPY infra/images/requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY floorlog floorlog
COPY pipelines pipelines
COPY workers workers
COPY schemas schemas
RUN pip install --no-cache-dir --no-deps --no-build-isolation . && pip check
COPY infra/images/entrypoint.py infra/dataflow/launch.py /opt/floorlog/

# Workers look the store's URL up under this name when they start; the launcher never needs it.
ARG SECRET
ENV DATABASE_URL_SECRET=${SECRET} \
    FLEX_TEMPLATE_PYTHON_PY_FILE=/opt/floorlog/launch.py \
    FLOORLOG_LOG_FORMAT=json
ENTRYPOINT ["python", "/opt/floorlog/entrypoint.py", "/opt/apache/beam/boot"]
