# tenfold serve in a container: not as root, on a read-only file system, with a health check.
#
#   make dist
#   docker build -t tenfold .
#   docker run --rm --read-only --cap-drop ALL --security-opt no-new-privileges -p 8000:8000 tenfold

FROM python:3.13-slim AS build
COPY dist/*.whl constraints.txt /wheel/
RUN python -m venv /opt/tenfold \
 && /opt/tenfold/bin/pip install --no-cache-dir --constraint /wheel/constraints.txt "$(ls /wheel/*.whl)[serve]"

FROM python:3.13-slim
COPY --from=build /opt/tenfold /opt/tenfold
RUN useradd --system --no-create-home --uid 10001 tenfold
USER 10001
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 OMP_NUM_THREADS=1
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
 CMD ["/opt/tenfold/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/v2/health/ready', timeout=2)"]
ENTRYPOINT ["/opt/tenfold/bin/tenfold", "serve", "--host", "0.0.0.0", "--port", "8000"]
