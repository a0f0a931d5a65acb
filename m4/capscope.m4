dnl SPDX-License-Identifier: GPL-3.0-or-later
dnl
dnl The macros of configure.ac that are ours: finding a library, and libFuzzer, and probing a
dnl compiler flag.

# CAPSCOPE_FIND_LIBRARY(PREFIX, MODULE, HEADER, LIBRARY, FUNCTION, DEBIAN-PACKAGE, [IF-MISSING])
# ---------------------------------------------------------------------------------------------
# Sets PREFIX_CFLAGS and PREFIX_LIBS for the pkg-config module MODULE. Where pkg-config or its file
# for MODULE is missing, looks for HEADER, and for FUNCTION in LIBRARY, with the compiler. Sets
# capscope_have_PREFIX to yes or no. A missing library is an error, unless IF-MISSING says
# otherwise; the shell variable capscope_hint then holds the line that says what to install.
AC_DEFUN([CAPSCOPE_FIND_LIBRARY], [
    capscope_have_$1=no
    capscope_hint="$2 not found; on Debian: apt-get install $6"
    PKG_CHECK_MODULES([$1], [$2], [capscope_have_$1=yes], [
        AC_CHECK_HEADER([$3], [
            AC_CHECK_LIB([$4], [$5], [
                capscope_have_$1=yes
                $1[]_LIBS=-l$4
            ])
        ], [], [CAPSCOPE_BEFORE_HEADER])
    ])
    AS_IF([test "$capscope_have_$1" = no],
          m4_default([$7], [[AC_MSG_ERROR([$capscope_hint])]]))
])

# What the headers looked for need to stand before them: cmocka.h includes nothing by itself.
m4_define([CAPSCOPE_BEFORE_HEADER], [[
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
]])

# CAPSCOPE_TRY_CFLAG(VARIABLE, FLAG)
# ----------------------------------
# Appends FLAG to VARIABLE if the compiler takes it without a complaint.
AC_DEFUN([CAPSCOPE_TRY_CFLAG], [
    AS_VAR_PUSHDEF([cache], [capscope_cv_cflag_$2])
    AC_CACHE_CHECK([whether $CC accepts $2], [cache], [
        capscope_saved_CFLAGS=$CFLAGS
        CFLAGS="$CFLAGS -Werror $2"
        AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
                          [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
        CFLAGS=$capscope_saved_CFLAGS
    ])
    AS_VAR_IF([cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
    AS_VAR_POPDEF([cache])
])

# CAPSCOPE_FIND_LIBFUZZER
# -----------------------
# Makes sure that $CC links a fuzz target; says what is missing otherwise.
AC_DEFUN([CAPSCOPE_FIND_LIBFUZZER], [
    AC_MSG_CHECKING([whether $CC has libFuzzer])
    capscope_saved_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -fsanitize=fuzzer,address,undefined"
    AC_LINK_IFELSE([AC_LANG_SOURCE([[
#include <stddef.h>
#include <stdint.h>
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return size > 0 && data[0] == 256; }
]])], [AC_MSG_RESULT([yes])], [
        AC_MSG_RESULT([no])
        AC_MSG_ERROR([fuzzing needs clang with libFuzzer; on Debian: apt-get install clang libclang-rt-14-dev])
    ])
    CFLAGS=$capscope_saved_CFLAGS
])
