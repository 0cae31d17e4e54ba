#!/bin/sh
# qgate hook shim: written by `qgate hook install`, taken away by `qgate hook uninstall`
pushed=$(cat; printf x)
pushed=${pushed%x}
previous=${0%/*}/pre-push.qgate-prev
if [ -x "$previous" ]; then
    printf %s "$pushed" 2>/dev/null | "$previous" "$@" || exit
fi
if [ "${QGATE-}" = 0 ]; then
    echo "qgate: this push is not judged: QGATE=0" >&2
    exit 0
fi
if ! command -v qgate >/dev/null 2>&1; then
    echo "qgate: this push is not judged: qgate is not on PATH" >&2
    [ "${QGATE_HOOK_MISSING-warn}" != fail ]
    exit
fi
printf %s "$pushed" | qgate hook pre-push "$@" >&2
