#!/bin/bash
# A library that needs the executable itself: no image, and what stock does.
. "$(dirname "$0")/system.sh"
needs patchelf
fixture -rdynamic
patchelf --add-needed "$FOLDER/main" libtwo.so
epoch
refused executable-needed ./main
run_into stock.out ./main
falls no-image ./main <stock.out
