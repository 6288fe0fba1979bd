# The wheel and its locked dependencies, and nothing else: no source tree, no build tool, no pip, no shell script.
#
#   docker build -t sanctions-monitor .
#   docker run -d --name sanctions-monitor -v sanctions-monitor:/data -p 127.0.0.1:8080:8080 sanctions-monitor
#
# A configuration lies at /data/sanctions-monitor.yaml, or is mounted anywhere and named by SANCTIONS_MONITOR_CONFIG.
# Podman and buildah: --format docker, or the health check is left out. Other verbs: docker exec sanctions-monitor sanctions-monitor changes

FROM python:3.13-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
WORKDIR /build

# Dependencies first: this layer is built again only when a lock changes.
COPY requirements-bootstrap.lock requirements.lock ./
RUN python -m venv /opt/tools \
 && /opt/tools/bin/pip install --no-cache-dir --quiet --require-hashes -r requirements-bootstrap.lock \
 && python -m venv --without-pip /opt/sanctions-monitor \
 && /opt/tools/bin/uv --system-certs pip sync --no-cache --python /opt/sanctions-monitor --require-hashes requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY monitor monitor
COPY feeds feeds
COPY alembic alembic
RUN /opt/tools/bin/hatchling build --target wheel --directory dist \
 && /opt/tools/bin/uv pip install --no-cache --offline --no-deps --python /opt/sanctions-monitor dist/*.whl \
 && rm /opt/sanctions-monitor/.lock


FROM python:3.13-slim

LABEL org.opencontainers.image.title="Sanctions Monitor" \
      org.opencontainers.image.licenses="Apache-2.0"

# The base brings pip, and its wheel for new environments. Neither is of use to what runs here, except to an intruder.
RUN python -m pip uninstall --yes --quiet --root-user-action=ignore pip \
 && python -c "import ensurepip, shutil; shutil.rmtree(ensurepip.__path__[0])" \
 && useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin monitor \
 && install --directory --owner=monitor --group=monitor --mode=0750 /data

COPY --from=build /opt/sanctions-monitor /opt/sanctions-monitor

# All interfaces of the container; which of the host's reach it is said by -p. Elsewhere the default stays loopback.
ENV PATH=/opt/sanctions-monitor/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SANCTIONS_MONITOR__DATA_DIR=/data \
    SANCTIONS_MONITOR__LISTEN=0.0.0.0:8080

# By number, so that an orchestrator can see that it is not root.
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080

# The service lives. Whether it can do its work is /readyz's answer, for those who route traffic: restarting would not help there.
# http.client, as urllib would ask the proxy that fetching may need; localhost, as "[::]:8080" answers on ::1 alone.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; sys.tracebacklimit = 0; at = http.client.HTTPConnection('localhost', int(os.environ['SANCTIONS_MONITOR__LISTEN'].rpartition(':')[2]), timeout=4); at.request('GET', '/healthz'); sys.exit(at.getresponse().status != 200)"]

ENTRYPOINT ["sanctions-monitor"]
CMD ["run"]
