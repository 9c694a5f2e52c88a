# Shared by the scripts of this folder; to be sourced. Leaves the shell at the top of the tree.
# shellcheck shell=bash
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

die() {
    echo "${0##*/}: $*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# A field of the source stanza of debian/control, on one line.
control_field() {
    awk -v field="$1:" '/^#/ { next } /^$/ { exit }
        /^[^ ]/ { on = $1 == field; sub(/^[^:]*:/, "") } on { printf "%s ", $0 }' packaging/debian/control
}

# The dependencies of a group, as apt-get satisfy reads them: build, test, boot, pages or bench.
dependencies() {
    case $1 in
        build) control_field Build-Depends | tr ',' '\n' | grep -v '<!nocheck>' | paste -sd, ;;
        test) control_field Build-Depends | tr ',' '\n' | sed -n 's/ <!nocheck>//p' | paste -sd, ;;
        boot) control_field X-Boot-Depends ;;
        pages) control_field X-Pages-Depends ;;
        bench) control_field X-Bench-Depends ;;
        *) die "no group of dependencies is called '$1'" ;;
    esac
}

# Installs what is missing of the groups named. Nothing missing: no root, no network, one second.
install_deps() {
    local group wanted=() plan log
    for group in "$@"; do wanted+=("$(dependencies "$group")"); done
    if plan=$(apt-get --simulate satisfy "${wanted[@]}" 2>/dev/null) && ! grep -q '^Inst ' <<<"$plan"; then
        return
    fi
    echo "installing the Debian packages that are missing ($*)"
    log=$(mktemp)
    if ! {
        as_root apt-get -qq update &&
            as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq --yes --no-install-recommends \
                satisfy "${wanted[@]}"
    } >"$log" 2>&1; then
        cat "$log" >&2
        die "apt could not install the packages"
    fi
    rm -f "$log"
}

# The release build that demo, benchmark and package share: the same flags everywhere, so that none of them makes the
# others compile again. Sets `binary`.
build_release() {
    swift build -c release --static-swift-stdlib --product yizhan
    # shellcheck disable=SC2034  # read by those who source this
    binary=$PWD/.build/release/yizhan
}
