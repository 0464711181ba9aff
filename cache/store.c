#include "cache/store.h"

#include "cache/internal.h"
#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define CATALOGUE "cache.mdb"
#define MAX_READERS 510

/*
 * Address space for the map: the largest that the process may have, but no
 * more than a quarter of its limit (ulimit -v), since the rest of the work
 * needs some as well.  The file only grows as it is used.
 */
#define SMALLEST_MAP ((size_t)64 << 20)
static const size_t map_sizes[] = {(size_t)64 << 30, (size_t)8 << 30, (size_t)1 << 30,
				   (size_t)256 << 20, SMALLEST_MAP};
#define MAP_SIZES (sizeof(map_sizes) / sizeof(map_sizes[0]))

static const char *const db_names[DB_COUNT] = {
    [DB_META] = "meta",	    [DB_OBJECTS] = "objects",	[DB_STRINGS] = "strings",
    [DB_TABLES] = "tables", [DB_PROGRAMS] = "programs", [DB_EPOCHS] = "epochs",
    [DB_FILES] = "files",   [DB_ROOTS] = "roots",	[DB_EXPORTS] = "exports",
};

/* Keys that are u64 hashes compare as numbers, which is what makes sorted appending cheap. */
static const unsigned db_flags[DB_COUNT] = {
    [DB_OBJECTS] = MDB_INTEGERKEY,
    [DB_STRINGS] = MDB_INTEGERKEY,
    [DB_EXPORTS] = MDB_INTEGERKEY,
};

const char *store_default(void)
{
	const char *dir = getenv("MATR_STORE");

	return dir && *dir ? dir : "/var/lib/matr";
}

/* Which of errno's meanings an LMDB code has for our callers. */
static int mdb_errno(int code)
{
	switch (code) {
	case MDB_NOTFOUND:
		return -ENOENT;
	case MDB_MAP_FULL:
		return -ENOSPC;
	case MDB_READERS_FULL:
	case MDB_MAP_RESIZED:
		return -EAGAIN;
	case MDB_VERSION_MISMATCH:
		return -EPROTONOSUPPORT;
	default:
		/* What is left of LMDB's own codes speaks of a damaged or foreign file. */
		return code > 0 ? -code : -EBADMSG;
	}
}

int store_fail(const struct store *s, int code, const char *what, struct err *e)
{
	const char *why = mdb_strerror(code);

	if (code == MDB_MAP_FULL)
		why = "the process may not have enough address space (ulimit -v)";
	else if (code == MDB_INVALID || code == MDB_VERSION_MISMATCH)
		why = "it is damaged, or not a catalogue of MatR";
	return err_set(e, mdb_errno(code), "cannot %s '%s': %s", what, s->mdb_path, why);
}

const char *db_name(enum database db)
{
	return db_names[db];
}

int record_damaged(const struct store *s, enum database db, const MDB_val *key, struct err *e)
{
	const uint8_t *p = key->mv_data;
	char text[160];
	size_t i, at = 0;

	for (i = 0; i < key->mv_size && at < sizeof(text) - 4; i++) {
		if (p[i] > ' ' && p[i] < 127)
			text[at++] = (char)p[i];
		else
			at += (size_t)sprintf(text + at, "%%%02x", p[i]);
	}
	text[at] = 0;
	return err_set(e, -EBADMSG, "'%s' is damaged: record %s of database %s", s->mdb_path, text,
		       db_names[db]);
}

/* ---- opening ---- */

/* Others may not be able to write here: what they plant would run in the owner's programs. */
static int check_folder(struct store *s, struct err *e)
{
	struct stat st;

	if (fstat(s->dirfd, &st) < 0)
		return err_sys(e, "cannot look at '%s'", s->dir);
	s->shared = (st.st_mode & 05) == 05;
	if (s->read_only)
		return 0;
	if (st.st_uid != geteuid())
		return err_set(e, -EPERM, "'%s' belongs to another user (uid %u)", s->dir,
			       (unsigned)st.st_uid);
	if (st.st_mode & 022)
		return err_set(e, -EPERM, "others may write to '%s' (chmod go-w it)", s->dir);
	return 0;
}

static int open_folder(struct store *s, const char *dir, unsigned flags, struct err *e)
{
	mode_t mode = geteuid() == 0 || (flags & STORE_SHARED) ? 0755 : 0700;
	int rc;

	if ((flags & STORE_CREATE) && (rc = file_mkdirs(dir, mode, e)) < 0)
		return rc;
	s->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dirfd < 0 && errno == ENOENT)
		return err_set(e, -ENOENT, "there is no store in '%s'", dir);
	if (s->dirfd < 0)
		return err_sys(e, "cannot open the store '%s'", dir);
	s->dir = realpath(dir, NULL);
	if (!s->dir)
		return err_sys(e, "cannot find the store '%s'", dir);
	s->mdb_path = xmalloc(strlen(s->dir) + sizeof("/" CATALOGUE));
	sprintf(s->mdb_path, "%s/%s", s->dir, CATALOGUE);
	return check_folder(s, e);
}

/* One try to open the environment with so much address space; an LMDB code. */
static int open_env_once(struct store *s, size_t map_bytes, unsigned flags)
{
	mode_t mode = s->shared ? 0644 : 0600;
	int rc = mdb_env_create(&s->env);

	if (rc)
		return rc;
	mdb_env_set_maxdbs(s->env, DB_COUNT);
	mdb_env_set_maxreaders(s->env, MAX_READERS);
	mdb_env_set_mapsize(s->env, map_bytes);
	rc = mdb_env_open(s->env, s->mdb_path, flags | MDB_NOSUBDIR | MDB_NOTLS, mode);
	if (rc) {
		mdb_env_close(s->env);
		s->env = NULL;
	}
	return rc;
}

static size_t largest_map(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_AS, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
		return map_sizes[0];
	return limit.rlim_cur / 4 > SMALLEST_MAP ? limit.rlim_cur / 4 : SMALLEST_MAP;
}

static int open_env(struct store *s, struct err *e)
{
	unsigned flags = s->read_only ? MDB_RDONLY : 0;
	size_t i, largest = largest_map();
	int rc = ENOMEM;

	for (i = 0; i < MAP_SIZES && rc == ENOMEM; i++) {
		if (map_sizes[i] > largest)
			continue;
		rc = open_env_once(s, map_sizes[i], flags);
		if ((rc == EACCES || rc == EROFS || rc == EPERM) && s->read_only) {
			/* Another's store: its table of readers is not ours to write. */
			s->no_lock = true;
			flags |= MDB_NOLOCK;
			rc = open_env_once(s, map_sizes[i], flags);
		}
		s->map_bytes = map_sizes[i];
	}
	if (rc)
		return store_fail(s, rc, "open", e);
	return 0;
}

/* A file that ends before its last page would be a bus error when it is read. */
static int check_length(struct store *s, struct err *e)
{
	MDB_envinfo info;
	MDB_stat stat_;
	struct stat st;
	uint64_t need;

	if (fstatat(s->dirfd, CATALOGUE, &st, 0) < 0)
		return err_sys(e, "cannot look at '%s'", s->mdb_path);
	mdb_env_info(s->env, &info);
	mdb_env_stat(s->env, &stat_);
	need = ((uint64_t)info.me_last_pgno + 1) * stat_.ms_psize;
	if ((uint64_t)st.st_size < need)
		return err_set(e, -EBADMSG, "'%s' is damaged: it holds %llu bytes instead of %llu",
			       s->mdb_path, (unsigned long long)st.st_size,
			       (unsigned long long)need);
	return 0;
}

/* Makes the databases and the record that says whose they are; an LMDB code. */
static int make_databases(struct store *s, MDB_txn *txn)
{
	struct buf b = BUF_INIT;
	MDB_val key = meta_key, value;
	MDB_dbi dbi;
	struct store_meta meta = {0};
	int rc = 0, i;

	for (i = 0; i < DB_COUNT && !rc; i++) {
		rc = mdb_dbi_open(txn, db_names[i], db_flags[i] | MDB_CREATE, &dbi);
		s->dbi[i] = dbi;
	}
	while (!meta.id)
		if (getrandom(&meta.id, sizeof(meta.id), 0) != sizeof(meta.id))
			meta.id = 0;
	meta_encode(&b, &meta);
	value = (MDB_val){.mv_size = b.used, .mv_data = b.data};
	if (!rc)
		rc = mdb_put(txn, s->dbi[DB_META], &key, &value, 0);
	buf_release(&b);
	return rc;
}

static int read_meta(struct store *s, MDB_txn *txn, struct err *e)
{
	MDB_val key = meta_key, value;
	struct store_meta meta;
	int rc = mdb_get(txn, s->dbi[DB_META], &key, &value);

	if (rc || !meta_decode(&value, &meta))
		return record_damaged(s, DB_META, &meta_key, e);
	if (meta.version != CATALOGUE_VERSION)
		return err_set(e, -EPROTONOSUPPORT,
			       "'%s' has format %u, this MatR knows %u: begin a new store",
			       s->mdb_path, meta.version, CATALOGUE_VERSION);
	s->id = meta.id;
	s->portable = meta.flags & META_PORTABLE;
	return 0;
}

/* Opens the databases, or makes them where the file is new. */
static int open_databases(struct store *s, bool create, struct err *e)
{
	MDB_stat st;
	MDB_txn *txn;
	int rc, i;

	mdb_env_stat(s->env, &st);
	if (!st.ms_entries && !create)
		return err_set(e, -ENOENT, "the store in '%s' was never finished", s->dir);
	rc = mdb_txn_begin(s->env, NULL, st.ms_entries ? MDB_RDONLY : 0, &txn);
	if (rc)
		return store_fail(s, rc, "read", e);
	rc = st.ms_entries ? structure_check(s, txn, e) : 0;
	if (rc < 0) {
		mdb_txn_abort(txn);
		return rc;
	}
	if (!st.ms_entries)
		rc = make_databases(s, txn);
	for (i = 0; i < DB_COUNT && st.ms_entries && !rc; i++)
		rc = mdb_dbi_open(txn, db_names[i], db_flags[i], &s->dbi[i]);
	if (rc) {
		mdb_txn_abort(txn);
		return store_fail(
		    s, rc == MDB_NOTFOUND || rc == MDB_INCOMPATIBLE ? MDB_INVALID : rc, "open", e);
	}
	rc = read_meta(s, txn, e);
	if (rc < 0) {
		mdb_txn_abort(txn);
		return rc;
	}
	/* Handles last only when the transaction that opened them commits. */
	rc = mdb_txn_commit(txn);
	return rc ? store_fail(s, rc, "open", e) : 0;
}

/*
 * A new store: exact modes whatever the umask is, and everything on disk
 * before anyone relies on it.  The loader's folder comes last: where it is,
 * all this was done.
 */
static int settle_new(struct store *s, struct err *e)
{
	mode_t mode = s->shared ? 0644 : 0600, folder = s->shared ? 0755 : 0700;
	static const char *const folders[] = {"epochs", "loader"};
	size_t i;

	if (fchmodat(s->dirfd, CATALOGUE, mode, 0) < 0 ||
	    fchmodat(s->dirfd, CATALOGUE "-lock", mode, 0) < 0)
		return err_sys(e, "cannot set the mode of '%s'", s->mdb_path);
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (mkdirat(s->dirfd, folders[i], folder) < 0 && errno != EEXIST)
			return err_sys(e, "cannot make '%s/%s'", s->dir, folders[i]);
		if (fchmodat(s->dirfd, folders[i], folder, 0) < 0)
			return err_sys(e, "cannot set the mode of '%s/%s'", s->dir, folders[i]);
	}
	return file_sync_folder(s->dirfd, ".", e);
}

static int open_store(struct store *s, const char *dir, unsigned flags, struct err *e)
{
	bool create = (flags & STORE_CREATE) && !s->read_only;
	bool missing;
	int rc = open_folder(s, dir, create ? flags : 0, e);

	if (rc < 0)
		return rc;
	missing = faccessat(s->dirfd, CATALOGUE, F_OK, 0) < 0 && errno == ENOENT;
	if (missing && !create)
		return err_set(e, -ENOENT, "there is no store in '%s'", s->dir);
	if (missing && (rc = folder_may_become_store(s, e)) < 0)
		return rc;
	if (create) {
		/* Two that make one store at a time: the second waits its turn by failing. */
		rc = store_lock_exclusive(s, e);
		if (rc < 0 && missing)
			return rc;
		create = rc == 0;
	}
	rc = missing ? 0 : meta_check(s, e);
	if (rc == 0)
		rc = open_env(s, e);
	if (rc == 0)
		rc = check_length(s, e);
	if (rc == 0)
		rc = open_databases(s, create, e);
	if (rc == 0 && create && faccessat(s->dirfd, "loader", F_OK, 0) < 0)
		rc = settle_new(s, e);
	if (create)
		store_unlock(s);
	return rc;
}

int store_open(struct store **out, const char *dir, unsigned flags, struct err *e)
{
	struct store *s = xcalloc(1, sizeof(*s));
	int rc;

	s->dirfd = s->lock_fd = -1;
	s->read_only = flags & STORE_READ_ONLY;
	pthread_mutex_init(&s->mutex, NULL);
	rc = open_store(s, dir, flags, e);
	if (rc < 0) {
		store_close(s);
		return rc;
	}
	*out = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	if (s->env)
		mdb_env_close(s->env);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	if (s->dirfd >= 0)
		close(s->dirfd);
	pthread_mutex_destroy(&s->mutex);
	free(s->mdb_path);
	free(s->dir);
	free(s);
}

const char *store_dir(const struct store *s)
{
	return s->dir;
}

int store_dirfd(const struct store *s)
{
	return s->dirfd;
}

uint64_t store_id(const struct store *s)
{
	return s->id;
}

bool store_is_shared(const struct store *s)
{
	return s->shared;
}

uint64_t store_catalogue_bytes(struct store *s)
{
	MDB_envinfo info;
	MDB_stat st;

	mdb_env_info(s->env, &info);
	mdb_env_stat(s->env, &st);
	return ((uint64_t)info.me_last_pgno + 1) * st.ms_psize;
}

int store_grow(struct store *s, struct err *e)
{
	struct stat st;
	size_t bytes = s->map_bytes * 2;
	int rc;

	if (fstatat(s->dirfd, CATALOGUE, &st, 0) == 0 && bytes < (size_t)st.st_size * 2)
		bytes = (size_t)st.st_size * 2;
	bytes = (bytes + 65535) & ~(size_t)65535;
	rc = mdb_env_set_mapsize(s->env, bytes);
	if (rc)
		return store_fail(s, MDB_MAP_FULL, "enlarge", e);
	s->map_bytes = bytes;
	return 0;
}

/* ---- the writer's lock ---- */

static int lock_held_by(struct store *s, int fd, struct err *e)
{
	char pid[24] = "";
	ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

	pid[n > 0 ? strspn(pid, "0123456789") : 0] = 0;
	return err_set(e, -EBUSY, "the store '%s' is being written by process %s", s->dir,
		       *pid ? pid : "(unknown)");
}

static int take_lock(struct store *s, struct err *e)
{
	char pid[24];
	int fd, n;

	/* Never readable by others: a reader's shared lock would shut the writer out. */
	fd = openat(s->dirfd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_sys(e, "cannot open '%s/lock'", s->dir);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		n = errno == EWOULDBLOCK ? lock_held_by(s, fd, e)
					 : err_sys(e, "cannot lock '%s/lock'", s->dir);
		close(fd);
		return n;
	}
	/* For the sentence above only; a full disk is no reason to fail here. */
	n = sprintf(pid, "%d\n", (int)getpid());
	if (ftruncate(fd, 0) == 0 && pwrite(fd, pid, (size_t)n, 0) < 0)
		errno = 0;
	s->lock_fd = fd;
	return 0;
}

int store_lock_exclusive(struct store *s, struct err *e)
{
	int rc = 0;

	if (s->read_only)
		return err_set(e, -EROFS, "the store '%s' was opened to be read only", s->dir);
	pthread_mutex_lock(&s->mutex);
	if (!s->lock_depth)
		rc = take_lock(s, e);
	if (rc == 0)
		s->lock_depth++;
	pthread_mutex_unlock(&s->mutex);
	return rc;
}

void store_unlock(struct store *s)
{
	pthread_mutex_lock(&s->mutex);
	if (s->lock_depth && !--s->lock_depth) {
		close(s->lock_fd);
		s->lock_fd = -1;
	}
	pthread_mutex_unlock(&s->mutex);
}
