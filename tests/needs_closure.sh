# shellcheck shell=bash
# tests/needs_closure.sh - a closure with many repeated DT_NEEDED entries; sources system.sh
#
#	needs_closure [FLAG...]     20 utilities libu0.so ...; 40 modules libm0.so ..., each of
#	                            which needs the module before it and then all utilities; and
#	                            ./p, which needs all modules, then all utilities.  The FLAGs
#	                            are added to libu19.so.
#	shows N                     the image of ./p has views of its own (1) or none (0); no
#	                            release of glibc before 2.35 has any
#
# All say when they are initialised and left.  which() is in libm0.so and in all utilities.

. "$(dirname "${BASH_SOURCE[0]}")/system.sh"

needs_link() {
	local name=$1
	shift
	gcc -O1 -fPIC -w -c -DNAME="\"$name\"" ${WHICH:+-DWHICH} -o x.o x.c
	ld -shared --build-id --enable-new-dtags -rpath "$FOLDER" -soname "lib$name.so" -o "lib$name.so" \
		x.o "$@" "$(gcc -print-file-name=libc.so.6)"
}

needs_closure() {
	local i utilities=() modules=() before=()
	cat >x.c <<-'C'
		int puts(const char *);
		__attribute__((constructor)) static void start(void) { puts("+" NAME); }
		__attribute__((destructor)) static void stop(void) { puts("-" NAME); }
		#ifdef WHICH
		const char *which(void) { return NAME; }
		#endif
	C
	# ld looks at what the flags name: a library that is made later must be there.
	WHICH='' needs_link m39
	for ((i = 0; i < 20; i++)); do
		if [ $i = 19 ]; then WHICH=1 needs_link u$i "$@"; else WHICH=1 needs_link u$i; fi
		utilities+=("libu$i.so")
	done
	for ((i = 0; i < 40; i++)); do
		WHICH=$([ $i != 0 ] || echo 1) needs_link m$i "${before[@]}" "${utilities[@]}" \
			--unresolved-symbols=ignore-in-shared-libs
		before=("libm$i.so")
		modules+=("libm$i.so")
	done
	needs_link later libu3.so libm7.so libu1.so
	prog p -w "${modules[@]}" "${utilities[@]}" <<-'C'
		#include <dlfcn.h>
		#include <link.h>
		#include <stdio.h>
		#include <string.h>
		static int tell(struct dl_phdr_info *i, size_t n, void *context)
		{
			return !strstr(i->dlpi_name, "/ld-") && puts(i->dlpi_name) < 0;
		}
		static void ask(const char *name)
		{
			const char *(*which)(void) = dlsym(dlopen(name, RTLD_LAZY), "which");
			printf("%s: %s\n", name, which ? which() : dlerror());
		}
		int main(void)
		{
			dl_iterate_phdr(tell, 0);
			ask("libm39.so"), ask("libm20.so"), ask("liblater.so");
			return 0;
		}
	C
}

shows() {
	local wanted=$1 views
	[ -n "$EPOCH" ] || epoch
	[ "$(ldd --version | sed -n '1s/.*2\.//p')" -ge 35 ] || wanted=0
	views=$(od -An -tu4 -j 444 -N 4 "$(the_image)")
	[ $((views > 0)) = "$wanted" ] || fail "$views entries of views"
}
