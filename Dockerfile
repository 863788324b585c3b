# Builds a wheel, then installs it into a slim image that runs as a user without rights.
FROM python:3.11-slim AS build
WORKDIR /build
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev libssl-dev \
  && rm -rf /var/lib/apt/lists/*
COPY requirements.lock ./
RUN pip wheel --no-cache-dir --wheel-dir /wheels --require-hashes --requirement requirements.lock
COPY pyproject.toml setup.py README.md LICENSE ./
COPY sfu sfu
COPY web web
RUN pip wheel --no-cache-dir --wheel-dir /wheels --no-deps .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home sfu
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
  pip install --no-cache-dir /wheels/*.whl
USER 10001
ENV SFU_HTTP_HOST="" SFU_LOG_FORMAT="json" SFU_DRAIN_SECONDS="8"
EXPOSE 8080/tcp 8081/udp 8081/tcp
# Ready or draining, it is healthy; the port is the one of the settings.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ.get(\"SFU_HTTP_PORT\", \"8080\")}/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["sfu"]
CMD ["serve"]
