# SPDX-License-Identifier: GPL-3.0-or-later
#
# Shared by ./run, ./check and .ci/run, which source it from the top folder: installs the Debian
# packages that are missing, and keeps a build folder in step with the sources. What it does well
# is silent; what fails is shown.

build_packages='gcc libc6-dev make autoconf automake libtool pkg-config
    libncurses-dev libreadline-dev zlib1g-dev libdeflate-dev'
test_packages='libcmocka-dev libvterm-dev less python3'

say()
{
    printf '%s\n' "$*" >&2
}

die()
{
    say "$@"
    exit 2
}

# missing_packages NAME... prints those that are not installed.
missing_packages()
{
    for package
    do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            printf ' %s' "$package"
    done
}

can_be_root()
{
    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null
}

# as_root COMMAND... asks for a password only where someone can type it.
as_root()
{
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif [ -t 2 ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

apt_install()
{
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "$@" </dev/null
}

# The package lists may be missing, or older than what the archive has now.
apt_install_fresh()
{
    if apt-get install --simulate "$@" >/dev/null 2>&1 && apt_install "$@"; then
        return
    fi
    as_root apt-get update -q && apt_install "$@"
}

# install_packages NAME... makes sure that all are there. On another system than Debian and its
# kin nothing is known about packages, and configure says what it misses.
install_packages()
{
    command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || return 0
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0

    say "These Debian packages are missing:$missing"
    by_hand="apt-get update && apt-get install$missing"
    can_be_root || die "Type as root: $by_hand"
    if [ -t 0 ] && [ -t 2 ]; then
        printf 'Install them now? [Y/n] ' >&2
        read -r answer || answer=n
        case $answer in
            '' | [Yy]*) ;;
            *) die "Nothing was installed. To do it by hand, type as root: $by_hand" ;;
        esac
    fi
    # Unquoted: a list of names.
    apt_install_fresh $missing >&2 ||
        die "They could not be installed. Type as root: $by_hand"
}

# logged WHAT LOG COMMAND... runs it with its output in LOG, which is shown when it fails.
logged()
{
    what=$1
    log=$2
    shift 2
    "$@" >"$log" 2>&1 && return
    tail -n 40 "$log" >&2
    die "$what failed; all of its output is in $log"
}

in_folder()
{
    (cd "$1" && shift && "$@")
}

# What a build folder was configured with: the options, then the packages. Changes of configure.ac
# and Makefile.am are not in it: the makefile looks after those itself.
configuration()
{
    printf '%s\n' "$*"
    dpkg-query -W $build_packages $test_packages 2>/dev/null || true
}

# configure_build DIR [CONFIGURE-OPTION...] does so when the configuration is another than the last
# time, or when DIR was never configured from here.
configure_build()
{
    dir=$1
    shift
    mkdir -p "$dir"
    stamp=$dir/configured-with
    if [ -f configure ] && [ -f "$dir/Makefile" ] && [ -f "$stamp" ] &&
        [ "$(configuration "$@")" = "$(cat "$stamp")" ]; then
        return
    fi

    say "Configuring and building in $dir/"
    last_options=$(head -n 1 "$stamp" 2>/dev/null || echo unknown)
    rm -f "$stamp"
    [ -n "$(find configure -newer configure.ac -newer Makefile.am 2>/dev/null)" ] ||
        logged 'autogen.sh' "$dir/autogen.log" ./autogen.sh
    logged 'configure' "$dir/configure.log" in_folder "$dir" ../configure --quiet "$@"
    [ "$last_options" = "$*" ] || logged 'make clean' "$dir/make.log" make -C "$dir" clean
    configuration "$@" >"$stamp"
}

jobs()
{
    getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2
}

# build DIR [CONFIGURE-OPTION...] makes the program in DIR, a folder beside this file.
build()
{
    configure_build "$@"
    logged 'make' "$1/make.log" make -C "$1" -j"$(jobs)" all
}
