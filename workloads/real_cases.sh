# shellcheck shell=bash disable=SC2016,SC2034
# workloads/real_cases.sh - what real-programs runs; sourced
#
#	program NAME FILE...   a case: it needs the first file; all that exist are enabled
#	possible_NAME          a function, where installed is not enough: can it run here?
#	stock NAME REASON      some of its programs take the stock path, rightly, for this reason
#
# case_NAME runs in an empty folder, the same for every run, and prints results that are
# the same in every run: no times, no process numbers, no random names.  What it sends to
# files named *.err is searched for the shims' words too.

CASES=()
declare -A FILES STOCK
program() { CASES+=("$1") FILES[$1]="${*:2}"; }
stock() { STOCK[$1]=$2; }

COMMON="bash dash env cat sed grep mawk gawk sort uniq cp rm ls tr head tail cut tar gzip cksum sha256sum sleep mkdir
	readelf objdump find xargs diff perl timeout seq dirname basename uname id chmod chown wc"

# The C family: the programs, and what they start behind the scenes.
gcc_parts() {
	local p
	for p in cc1 cc1plus collect2 lto-wrapper lto1 as ld; do gcc -print-prog-name="$p" 2>/dev/null || true; done
}
hello='#include <stdio.h>
#include <math.h>
int main(int argc, char **argv) { for (int i = 0; i < 5; i++) printf("%d %.6f\n", i, sqrt(i * argc)); return 0; }'

program gcc gcc "$(gcc_parts)" ld.bfd objdump
case_gcc() {
	printf '%s\n' "$hello" >a.c
	gcc -O2 -c a.c -o a.o && cksum a.o
	gcc -O2 -flto a.c -o a -lm && ./a && objdump -d --no-show-raw-insn a | cksum
}

program g++ g++ "$(gcc_parts)" ld.bfd
case_g++() {
	cat >a.cc <<-'C'
		#include <algorithm>
		#include <iostream>
		#include <map>
		#include <regex>
		int main()
		{
			std::map<std::string, int> m;
			std::string s = "the quick brown fox and the lazy dog and the cat";
			std::regex word("[a-z]+");
			for (std::sregex_iterator i(s.begin(), s.end(), word), end; i != end; ++i)
				m[i->str()]++;
			for (auto &p : m)
				std::cout << p.first << ' ' << p.second << '\n';
			try { throw std::runtime_error("caught"); } catch (std::exception &e) { std::cout << e.what() << '\n'; }
		}
	C
	g++ -O1 a.cc -o a && cksum a && ./a
}

program clang clang ld.lld ld.bfd
case_clang() {
	printf '%s\n' "$hello" >a.c
	clang -O2 -c a.c -o a.o && cksum a.o && clang -O2 -S -emit-llvm a.c -o - | cksum
	clang a.c -o a -lm && ./a
}

program cmake cmake make gmake gcc "$(gcc_parts)"
case_cmake() {
	printf '%s\n' "$hello" >a.c
	printf 'cmake_minimum_required(VERSION 3.10)\nproject(p C)\nadd_library(one SHARED a.c)\nadd_executable(two a.c)\ntarget_link_libraries(two m)\n' >CMakeLists.txt
	cmake -B b . >log && make -C b 2>&1 | sed 's/^make.*//' && ./b/two
}

program git git git-remote-http /usr/lib/git-core/git perl ssh
case_git() {
	export GIT_AUTHOR_DATE='1000000000 +0000' GIT_COMMITTER_DATE='1000000000 +0000' GIT_CONFIG_GLOBAL=$PWD/config
	git config --global user.name n && git config --global user.email e && git config --global init.defaultBranch main
	git init -q one && cd one || return
	for i in 1 2 3; do seq "$i" 500 >"f$i" && git add . && git commit -q -m "commit $i"; done
	git gc -q && cd .. && git clone -q "file://$PWD/one" two 2>&1 && cd two && git log --stat && git fsck 2>&1 && git diff HEAD~2 | cksum
	git format-patch -q HEAD~1 && cksum ./*.patch && git blame f1 | tail -n 2 && git grep -c 17
}

program python3 /usr/bin/python3
case_python3() {
	/usr/bin/python3 - <<-'PY'
		import json, hashlib, sqlite3, ssl, ctypes, subprocess, threading, zlib, lzma, decimal, multiprocessing
		print(hashlib.sha256(b"matr").hexdigest(), zlib.crc32(b"matr"), len(lzma.compress(b"x" * 10000)))
		db = sqlite3.connect(":memory:")
		db.execute("create table t(a, b)")
		db.executemany("insert into t values(?, ?)", [(i, i * i) for i in range(100)])
		print(db.execute("select sum(b) from t").fetchone(), ssl.OPENSSL_VERSION)
		print(ctypes.CDLL(None).strlen(b"four"), subprocess.check_output(["sh", "-c", "echo child"]))
		t = [threading.Thread(target=lambda: None) for _ in range(8)]
		[x.start() for x in t], [x.join() for x in t]
		with multiprocessing.get_context("fork").Pool(2) as p:
		    print(p.map(abs, [-1, -2, 3]), decimal.Decimal(2).sqrt())
	PY
}

program numpy /usr/bin/python3
possible_numpy() { /usr/bin/python3 -c 'import numpy'; }
case_numpy() {
	/usr/bin/python3 - <<-'PY'
		import numpy as n
		a = n.arange(90000, dtype=float).reshape(300, 300) % 7 + n.eye(300) * 50
		print(n.linalg.det(a / 60).round(6), (a @ n.linalg.inv(a)).trace().round(6), n.fft.fft(a[0])[:3].round(4))
		try:
		    import scipy.optimize as o
		    print(o.brentq(lambda x: x**3 - 2, 0, 2))
		except ImportError:
		    print("no scipy")
	PY
}

program gdb gdb gcc "$(gcc_parts)"
case_gdb() {
	printf '#include <math.h>\nint twice(int n)\n{\n\treturn 2 * n;\n}\nint main(int argc, char **argv)\n{\n\tfor (int i = 0; i < 5; i++)\n\t\targc += twice(i) + (int)sqrt(i);\n\treturn argc;\n}\n' >a.c
	gcc -g -O0 a.c -o a -lm
	gdb -nx -batch -ex 'break twice if n == 3' -ex run -ex 'print n' -ex bt -ex 'info sharedlibrary' -ex finish \
		-ex 'python import json; f = gdb.selected_frame(); print(json.dumps([f.name(), str(f.read_var("argc"))]))' \
		-ex continue ./a 2>&1 | sed 's/0x[0-9a-f]*/ADDRESS/g; s/process [0-9]*/process/'
}

program perl perl
case_perl() {
	perl -MPOSIX -MData::Dumper -MList::Util=sum -MEncode -MSocket -MDigest::SHA=sha1_hex -MStorable=dclone -e '
		$Data::Dumper::Sortkeys = 1;
		print Dumper(dclone({a => [1, 2], b => "x"})), sum(1 .. 100), " ", POSIX::floor(3.7), " ", sha1_hex("m"), "\n";
		print length(encode("UTF-8", "\x{263a}")), " ", inet_ntoa(inet_aton("127.0.0.1")), "\n";
		my %h; $h{$_ % 7}++ for 1 .. 10000; print join(",", map {"$_=$h{$_}"} sort keys %h), "\n"; print `echo child`;'
}

program ruby ruby
case_ruby() { ruby -rjson -rdigest -rset -rzlib -e 'puts JSON.generate({a: [1, 2]}), Digest::SHA256.hexdigest("m"), (1..20).inject(:*), Zlib.crc32("m"), `echo child`; Thread.new { puts 3 }.join; begin; raise "x"; rescue => e; puts e.message; end'; }

program php php
case_php() { php -r 'echo json_encode([1, "a" => 2]), hash("sha256", "m"), preg_replace("/(\w+)/", "<$1>", "two words"), shell_exec("echo child"); foreach (new ArrayIterator([3, 2]) as $x) echo $x; echo "\n";' && php -m; }

program node node
case_node() { node -e 'const c = require("crypto"), z = require("zlib"); console.log(c.createHash("sha256").update("m").digest("hex"), z.crc32 ? 1 : 1, z.deflateSync("x".repeat(1000)).length, [3, 1, 2].sort(), require("child_process").execSync("echo child").toString()); (async () => { for (let i = 0; i < 3; i++) { await null; console.log(i) } let s = 0; for (let i = 0; i < 3e6; i++) s += i % 7; console.log(s) })()'; }

program lua lua5.4
case_lua() { lua5.4 -e 'local t = {} for i = 1, 1000 do t[i] = (i * 7919) % 1009 end table.sort(t) print(t[1], t[500], #t, string.format("%q", "x\n"), os.getenv("USER"), pcall(error, "e"))'; }

program guile guile
case_guile() { GUILE_AUTO_COMPILE=0 guile -c '(use-modules (srfi srfi-1)) (display (fold + 0 (iota 1000))) (newline) (display (expt 2 200)) (newline)'; }

program tcl tclsh
case_tcl() { tclsh <<<'puts [expr {2 ** 100}]; foreach x {c a b} {lappend l $x}; puts [lsort $l]; puts [clock format 0 -gmt 1]; puts [exec echo child]'; }

program octave octave-cli
case_octave() { octave-cli -q --no-gui --eval 'a = magic(6); disp(det(a + eye(6))); disp(inv(a + eye(6))(1:2, 1:2)); disp(sum(primes(1000))); fprintf("%g\n", fzero(@cos, [1 2]))' 2>&1; }

# R's start script sets LD_LIBRARY_PATH.
program R R /usr/lib/R/bin/exec/R
stock R ld-variable
case_R() { R --vanilla -q --slave -e 'm <- matrix(c(2, 1, 1, 3), 2); print(solve(m)); print(summary(lm(dist ~ speed, cars))$r.squared); print(sort(c("b", "a"))); cat(system("echo child", intern = TRUE), "\n")' 2>&1; }

program ocaml ocaml ocamlrun
case_ocaml() { printf 'let rec f n = if n = 0 then 1 else n * f (n - 1);;\nPrintf.printf "%%d %%s\\n" (f 15) (String.concat "," ["a"; "b"]);;\n' >a.ml && ocaml a.ml; }

program sbcl sbcl
case_sbcl() { sbcl --noinform --no-userinit --no-sysinit --non-interactive --eval '(progn (print (expt 3 100)) (print (sort (list 3 1 2) (function <))) (terpri))'; }

program ghc ghc /usr/lib/ghc/bin/ghc
case_ghc() { echo 'main = print (sum (takeWhile (< 1000) [x * x | x <- [1 ..], odd x])) >> putStrLn (reverse "abc")' >a.hs && ghc -v0 -O a.hs && ./a; }

program erlang erl /usr/lib/erlang/erts-*/bin/beam.smp /usr/lib/erlang/erts-*/bin/erlexec /usr/lib/erlang/erts-*/bin/erl_child_setup
case_erlang() { erl -noshell -eval 'io:format("~p ~p~n", [lists:sort([3, 1, 2]), erlang:md5("m")]), P = self(), [spawn(fun() -> P ! X end) || X <- lists:seq(1, 50)], io:format("~p~n", [lists:sum([receive Y -> Y end || _ <- lists:seq(1, 50)])]), halt().'; }

program racket racket
case_racket() { racket -e '(displayln (expt 2 128)) (displayln (sort (list 3 1 2) <))'; }

program swipl swipl
case_swipl() { swipl -g 'numlist(1, 100, L), sum_list(L, S), writeln(S), msort([c, a, b], M), writeln(M)' -t halt; }

program java java /usr/lib/jvm/java-17-openjdk-amd64/bin/java /usr/lib/jvm/java-17-openjdk-amd64/bin/javac
case_java() {
	echo 'import java.util.*; public class A { public static void main(String[] x) { Map<Integer, Integer> m = new TreeMap<>(); for (int i = 0; i < 100000; i++) m.merge(i % 5, 1, Integer::sum); System.out.println(m); } }' >A.java
	java -Xint A.java
}

program emacs emacs emacs-gtk
case_emacs() { emacs -Q --batch --eval '(progn (princ (format "%s %s\n" (expt 2 70) (sort (list 3 1 2) (quote <)))) (with-temp-buffer (insert "b\na\n") (sort-lines nil (point-min) (point-max)) (princ (buffer-string))) (princ (shell-command-to-string "echo child")))' 2>&1; }

program vim vim vim.gtk3
case_vim() {
	printf 'b\na\nc\n' >f
	vim -u NONE -i NONE -n -es -c '%sort' -c '%s/$/!/' -c 'put =system(\"echo child\")' -c wq f </dev/null
	cat f
	vim -u NONE -i NONE -n -es -c 'redir! > out' -c 'echo has("python3") strftime("%Y", 0) sha256("x")' -c 'redir END' -c 'qa!' </dev/null
	cat out
}

program tmux tmux
case_tmux() {
	tmux -L matr -f /dev/null new-session -d -x 80 -y 24 'sh'
	tmux -L matr send-keys 'PS1=; clear; echo one $((1 + 1)); seq 3' Enter
	sleep 1
	tmux -L matr split-window -h 'echo right; sleep 5'
	tmux -L matr capture-pane -p -t 0 2>/dev/null | grep -v '^$' | tail -n 4
	tmux -L matr list-panes -F '#{pane_index} #{pane_width}x#{pane_height}'
	tmux -L matr kill-server
}

program ssh ssh sshd ssh-keygen sftp scp /usr/lib/openssh/sftp-server
case_ssh() {
	mkdir -p keys && chmod 700 keys
	[ -d /run/sshd ] || { mount -t tmpfs -o mode=755 tmpfs /run && mkdir -p /run/sshd; }
	ssh-keygen -q -t ed25519 -N '' -f keys/host && ssh-keygen -q -t ed25519 -N '' -f keys/me && cp keys/me.pub keys/authorized
	printf '%s\n' "HostKey $PWD/keys/host" "AuthorizedKeysFile $PWD/keys/authorized" 'StrictModes no' 'ListenAddress 127.0.0.1' \
		'Port 20022' 'PidFile none' 'Subsystem sftp internal-sftp' 'PermitRootLogin yes' 'UsePAM no' >config
	"$(command -v sshd)" -f config -D 2>sshd.err &
	sleep 1
	o=(-F none -i keys/me -o StrictHostKeyChecking=no -o UserKnownHostsFile=known -o LogLevel=ERROR)
	ssh "${o[@]}" -p 20022 root@127.0.0.1 'echo over the wire; seq 10000 | cksum; exit 3' 2>&1
	echo "status $?"
	seq 20000 >f && scp -q "${o[@]}" -P 20022 f "root@127.0.0.1:$PWD/g" && cmp f g && echo copied
	kill %1
	wait
}

program postgres initdb postgres pg_ctl pgbench psql createdb pg_dump
case_postgres() {
	mkdir data && chown postgres data . 2>/dev/null
	cat >script <<-'SH'
		initdb -D data -A trust -N >initdb.log 2>&1 || { tail -n 3 initdb.log; exit 1; }
		pg_ctl -D data -w -o "-h '' -k $PWD -p 20432" -l server.err start >/dev/null || exit 1
		export PGHOST=$PWD PGPORT=20432 PGUSER=postgres
		createdb bench && pgbench -q -i -s 1 bench >init.out 2>&1
		pgbench -n -t 200 -c 4 --random-seed=1 bench 2>&1 | grep 'actually processed'
		psql -At bench -c 'select count(*), sum(abalance) from pgbench_accounts' -c "select md5(string_agg(i::text, ',')) from generate_series(1, 1000) i" -c 'create extension if not exists plpgsql' -c "do \$\$ begin raise notice 'in plpgsql'; end \$\$" 2>&1 | sed 's/|-*[0-9]*$//'
		pg_dump -s bench | grep -c '^CREATE TABLE'
		pg_ctl -D data -w -m fast stop >/dev/null && echo stopped
	SH
	setpriv --reuid=postgres --regid=postgres --init-groups sh script
}

program mariadb mariadbd mariadb my_print_defaults mariadb-install-db resolveip
case_mariadb() {
	mkdir data
	printf '%s\n' 'create database d; use d; create table t(a int primary key, b varchar(20)) engine=innodb;' \
		"insert into t values(1, 'x'), (2, 'y'); select * from t; select sha1('m'), count(*) from t;" >sql
	mariadb-install-db --no-defaults --user=root --auth-root-authentication-method=normal --datadir="$PWD/data" --skip-test-db >install.err 2>&1 || { tail -n 3 install.err; return 1; }
	mariadbd --no-defaults --user=root --datadir="$PWD/data" --socket="$PWD/s" --skip-networking 2>server.err &
	for i in $(seq 50); do [ -S s ] && break; sleep 0.2; done
	mariadb --no-defaults -uroot -S "$PWD/s" <sql 2>&1
	kill %1
	wait
}

program redis redis-server redis-cli redis-check-rdb
case_redis() {
	redis-server --port 0 --unixsocket "$PWD/s" --save '' >server.err 2>&1 &
	for i in $(seq 50); do [ -S s ] && break; sleep 0.1; done
	for c in 'set a 1' 'incr a' 'lpush l x y' 'lrange l 0 -1' 'eval return{1,2} 0' 'shutdown nosave'; do
		# shellcheck disable=SC2086 # words
		redis-cli -s s $c 2>&1
	done
	wait
}

program nginx nginx curl
case_nginx() {
	mkdir www && seq 1000 >www/f && chmod -R a+rX .
	echo "daemon off; error_log $PWD/e.err; pid $PWD/pid; events {} http { access_log off; client_body_temp_path $PWD/b; proxy_temp_path $PWD/p; fastcgi_temp_path $PWD/c; uwsgi_temp_path $PWD/u; scgi_temp_path $PWD/g; server { listen 127.0.0.1:20080; root $PWD/www; gzip on; } }" >conf
	nginx -e e.err -c "$PWD/conf" 2>n.err &
	sleep 1
	curl -s http://127.0.0.1:20080/f | cksum
	curl -sI http://127.0.0.1:20080/none | head -n 1
	kill %1
	wait
}

program sqlite sqlite3
case_sqlite() { sqlite3 db "create table t(a,b); with recursive c(x) as (select 1 union all select x+1 from c where x<1000) insert into t select x, x*x%97 from c; select b, count(*) from t group by b order by 2 desc, 1 limit 5; select json_object('a', 1); pragma integrity_check;"; }

program openssl openssl
case_openssl() {
	seq 5000 >f
	openssl enc -aes-256-cbc -pbkdf2 -S 0102030405060708 -k x -in f -out g && cksum g && openssl enc -d -aes-256-cbc -pbkdf2 -k x -in g | cmp - f && openssl dgst -sha3-256 f
	openssl req -x509 -newkey rsa:2048 -nodes -keyout k -out c -subj /CN=matr -days 1 2>/dev/null && openssl verify -CAfile c c
}

program archives tar xz zstd gzip bzip2 lz4 7z 7zr zip unzip rsync
case_archives() {
	mkdir d && seq 20000 >d/f && cp /bin/sh d/
	for z in gzip xz zstd bzip2 lz4; do
		! command -v $z >/dev/null || { tar --sort=name --mtime=@0 --owner=0 --group=0 -c d | $z -c >a && mkdir $z && $z -dc a | tar x -C $z && diff -r d $z/d && echo $z; }
	done
	! command -v rsync >/dev/null || { rsync -a d/ e && diff -r d e && echo rsync; }
}

program ffmpeg ffmpeg ffprobe
case_ffmpeg() {
	ffmpeg -nostdin -v error -f lavfi -i testsrc=d=2:s=320x240 -f lavfi -i sine=d=2 -threads 1 -fflags +bitexact -flags +bitexact -c:v mpeg4 -c:a aac -y a.mp4 2>&1
	ffmpeg -nostdin -v error -i a.mp4 -vf hue=s=0,scale=160:-1 -threads 1 -f framemd5 - 2>&1 | cksum
	ffprobe -v error -show_entries stream=codec_name,nb_frames -of csv a.mp4 2>&1
	ffmpeg -nostdin -v error -f lavfi -i testsrc=d=1:s=160x120 -threads 1 -c:v libx264 -f framemd5 - 2>&1 | cksum
}

program imagemagick /usr/bin/convert /usr/bin/identify /usr/bin/convert-im6.q16
case_imagemagick() {
	/usr/bin/convert rose: -resize 300% -blur 0x2 -rotate 30 -colorspace Gray a.png && /usr/bin/convert a.png a.jpg && /usr/bin/convert a.jpg b.tiff
	/usr/bin/identify -format '%m %wx%h %#\n' a.png a.jpg b.tiff
}

program gs gs ps2pdf pdftotext pdftoppm qpdf
case_gs() {
	printf '%%!\n/Helvetica findfont 20 scalefont setfont 72 700 moveto (Text of a page) show showpage\n' >a.ps
	gs -q -dBATCH -dNOPAUSE -dSAFER -sDEVICE=png16m -r30 -sOutputFile=a.png a.ps 2>&1 && cksum a.png
	gs -q -dBATCH -dNOPAUSE -sDEVICE=pdfwrite -sOutputFile=a.pdf a.ps && pdftotext a.pdf - && pdftoppm -r 30 a.pdf | cksum
}

program inkscape inkscape
case_inkscape() {
	echo '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="80"><circle cx="50" cy="40" r="30" fill="red"/><text x="10" y="70">text</text></svg>' >a.svg
	inkscape --export-type=png --export-filename=a.png a.svg >i.err 2>&1
	/usr/bin/python3 -c 'import zlib; d = open("a.png", "rb").read(); i = d.find(b"IDAT"); print(len(d) > 100, zlib.crc32(d[i:]))'
}

program gnuplot gnuplot
case_gnuplot() { gnuplot -e 'set terminal dumb 60 20; plot sin(x); print besj0(1)' 2>&1; }

program graphviz dot
case_graphviz() { echo 'digraph { a -> b -> c; a -> c; b [shape=box] }' | dot -Tsvg; echo 'graph { a -- b -- c -- a }' | dot -Kneato -Tplain 2>/dev/null || echo 'no neato'; }

program povray povray
case_povray() {
	echo 'camera { location <0,1,-3> look_at 0 } light_source { <5,5,-5> 1 } sphere { 0, 1 pigment { rgb x } }' >a.pov
	povray +Ia.pov +Oa.ppm +FP +W80 +H60 -D +WT1 >p.err 2>&1
	tail -c 14400 a.ppm | cksum # the header has the time
}

program sox sox
case_sox() { sox -R -n -r 8000 -b 16 a.wav synth 1 sine 440 reverb && cksum a.wav; }

program pandoc pandoc
case_pandoc() { printf '# Title\n\n* a\n* *b*\n\n| x | y |\n|---|---|\n| 1 | 2 |\n' | pandoc -t html; }

program libreoffice soffice /usr/lib/libreoffice/program/soffice.bin /usr/lib/libreoffice/program/oosplash /usr/lib/libreoffice/program/javaldx
case_libreoffice() {
	printf 'a,b\n1,2\n3,=A2+A3\n' >a.csv
	echo '<html><body><h1>Heading</h1><p>Some <b>bold</b> text.</p></body></html>' >b.html
	soffice --headless --convert-to ods a.csv >o1.err 2>&1 && soffice --headless --convert-to csv:"Text - txt - csv (StarCalc)" --outdir o a.ods >o2.err 2>&1 && cat o/a.csv
	soffice --headless --writer --convert-to odt b.html >o3.err 2>&1 && soffice --headless --convert-to txt:Text --outdir o b.odt >o4.err 2>&1 && cat o/b.txt
}

program qemu qemu-system-x86_64 qemu-img
case_qemu() {
	seq 100000 >f && qemu-img convert -O qcow2 f q && qemu-img check q && qemu-img convert -O raw q g && cmp -n 588895 f g && echo equal
	# A boot sector that writes to the first serial port and ends the machine.
	printf '\xba\xf8\x03\xb0M\xee\xb0A\xee\xb0T\xee\xb0R\xee\xb0\n\xee\xba\x01\x05\xb0\x03\xee\xf4' >b && head -c 486 /dev/zero >>b && truncate -s 510 b && printf '\x55\xaa' >>b
	timeout 60 qemu-system-x86_64 -accel tcg -m 16 -nic none -display none -serial file:serial -device isa-debug-exit,iobase=0x501 -drive file=b,format=raw 2>q.err
	echo "machine $?" && cat serial
}

# It preloads its own library into what it runs.
program valgrind valgrind
stock valgrind ld-variable
case_valgrind() {
	printf 'b\na\n' | valgrind -q --error-exitcode=9 /usr/bin/sort 2>v.err
	grep '^==' v.err | sed 's/^==[0-9]*//'
}

# ---- programs with windows ----

with_x() {
	Xvfb -displayfd 7 -screen 0 1024x768x24 -nolisten tcp 7>display 2>x.err >/dev/null &
	X=$!
	for i in $(seq 100); do [ -s display ] && break; sleep 0.1; done
	DISPLAY=:$(cat display)
	export DISPLAY NO_AT_BRIDGE=1 GSETTINGS_BACKEND=memory XDG_RUNTIME_DIR=$PWD QT_QPA_PLATFORM=xcb
	chmod 700 .
}
# shown TITLE COMMAND...: the windows' names and sizes when one has that title, and the picture
shown() {
	local title=$1 i tree
	shift
	with_x
	"$@" >w.err 2>&1 &
	for i in $(seq 150); do
		tree=$(xwininfo -root -tree 2>/dev/null)
		[[ $tree != *"$title"* ]] || break
		sleep 0.2
	done
	sleep 2
	xwininfo -root -tree | sed -n 's/^ *0x[0-9a-f]* \("[^"]*"\): \(.*\) \([0-9]*x[0-9]*\)+.*/\1 \2 \3/p' | sort
	kill $! 2>/dev/null
	wait $! 2>/dev/null
	kill "$X"
	wait "$X" 2>/dev/null
}
window_tools="Xvfb xwininfo xkbcomp"

program gtk-mousepad mousepad "$window_tools"
case_gtk-mousepad() { echo text >f.txt && shown Mousepad mousepad --disable-server f.txt; }
program gtk-gvim vim.gtk3 "$window_tools"
case_gtk-gvim() { echo text >f.txt && shown ' - VIM' vim.gtk3 -g -f -u NONE -i NONE f.txt; }
program qt-kcalc kcalc "$window_tools"
case_qt-kcalc() { shown KCalc kcalc; }
program qt-qterminal qterminal "$window_tools"
case_qt-qterminal() { shown qterminal qterminal -e sleep 20; }
program xterm xterm "$window_tools"
case_xterm() { shown 'matr term' xterm -T 'matr term' -e 'tput cols > cols; sleep 20' && cat cols; }
