/* Requests and answers: their bytes, and the client's side of the socket. */
#include "epochd/control.h"

#include "common/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define MAGIC 0x5254414du /* "MATR" */
#define SHORT_ANSWER_SECONDS 10

struct head {
	uint32_t magic, version, what; /* kind, or exit status */
};

/* ---- the wire ---- */

int control_encode(const struct control_request *r, struct buf *out, struct err *e)
{
	struct head h = {MAGIC, CONTROL_VERSION, r->kind};
	uint32_t count = (uint32_t)r->count;

	buf_put(out, &h, sizeof(h));
	buf_put(out, &count, sizeof(count));
	for (size_t i = 0; i < r->count; i++)
		buf_put(out, r->arguments[i], strlen(r->arguments[i]) + 1);
	if (out->used <= CONTROL_MAX_BYTES)
		return 0;
	return err_set(e, -E2BIG, "more arguments than epochd takes (%d bytes): name folders",
		       CONTROL_MAX_BYTES);
}

static int read_head(const char *bytes, size_t length, struct head *h, struct err *e)
{
	if (length < sizeof(*h))
		return err_set(e, -EBADMSG, "%zu bytes are no message", length);
	memcpy(h, bytes, sizeof(*h));
	if (h->magic != MAGIC || h->version != CONTROL_VERSION)
		return err_set(e, -EBADMSG, "not a message of this version of MatR");
	return 0;
}

int control_decode(const char *bytes, size_t length, struct control_request *r,
		   const char ***arguments, struct err *e)
{
	struct head h;
	uint32_t count;
	size_t at = sizeof(h) + sizeof(count);
	const char **list;
	int ret = read_head(bytes, length, &h, e);

	if (ret < 0)
		return ret;
	if (h.what >= CONTROL_KINDS || length < at)
		return err_set(e, -EBADMSG, "not a request");
	memcpy(&count, bytes + sizeof(h), sizeof(count));
	if (count > length - at) /* each has a NUL at least */
		return err_set(e, -EBADMSG, "a request that is too short");
	list = xcalloc(count + 1, sizeof(*list));
	for (uint32_t i = 0; i < count; i++) {
		const char *end = memchr(bytes + at, 0, length - at);

		if (!end) {
			free(list);
			return err_set(e, -EBADMSG, "a request that is too short");
		}
		list[i] = bytes + at;
		at = (size_t)(end - bytes) + 1;
	}
	*r = (struct control_request){
		.kind = (enum control_kind)h.what, .arguments = list, .count = count};
	*arguments = list;
	return 0;
}

void control_encode_answer(int status, const char *text, struct buf *out)
{
	struct head h = {MAGIC, CONTROL_VERSION, (uint32_t)status};
	size_t n = strlen(text), room = CONTROL_MAX_BYTES - sizeof(h);

	buf_put(out, &h, sizeof(h));
	buf_put(out, text, n < room ? n : room);
}

int control_decode_answer(const char *bytes, size_t length, struct control_answer *a,
			  struct err *e)
{
	struct head h;
	int ret = read_head(bytes, length, &h, e);

	if (ret < 0)
		return ret;
	a->status = h.what > 255 ? 1 : (int)h.what;
	for (size_t i = sizeof(h); i < length && bytes[i]; i++)
		buf_put_u8(&a->text, (uint8_t)bytes[i]);
	return 0;
}

/* ---- the client ---- */

/*
 * A socket's address holds 108 bytes, a store's path any number: the name is
 * taken from within the folder, and the working directory restored.
 */
static int connect_within(int fd, int dirfd)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = CONTROL_SOCKET};
	int back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), ret = 0;

	if (back < 0)
		return -errno;
	if (fchdir(dirfd) < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		ret = -errno;
	if (fchdir(back) < 0 && ret == 0)
		ret = -errno;
	close(back);
	return ret;
}

int control_connect(int dirfd, struct err *e)
{
	struct timeval patience = {.tv_sec = SHORT_ANSWER_SECONDS};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), ret;

	if (fd < 0)
		return err_sys(e, "cannot make a socket");
	/* Where the daemon is alive but too busy to accept, connect() waits. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	ret = connect_within(fd, dirfd);
	if (ret == 0)
		return fd;
	close(fd);
	return err_set(e, ret, "cannot reach epochd: %s", strerror(-ret));
}

static int send_request(int fd, const struct control_request *r, struct err *e)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(CONTROL_FDS * sizeof(int))];
	} rights = {0};
	struct buf b = BUF_INIT;
	struct iovec part;
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
	int ret = control_encode(r, &b, e);

	part = (struct iovec){.iov_base = b.data, .iov_len = b.used};
	if (r->fds) {
		m.msg_control = rights.bytes;
		m.msg_controllen = sizeof(rights.bytes);
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);

		*c = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
				      .cmsg_type = SCM_RIGHTS,
				      .cmsg_len = CMSG_LEN(CONTROL_FDS * sizeof(int))};
		memcpy(CMSG_DATA(c), r->fds, CONTROL_FDS * sizeof(int));
	}
	if (ret == 0 && sendmsg(fd, &m, MSG_NOSIGNAL) < 0)
		ret = err_sys(e, "cannot ask epochd");
	buf_release(&b);
	return ret;
}

static int receive(int fd, struct control_answer *a, struct err *e)
{
	char *bytes = xmalloc(CONTROL_MAX_BYTES);
	ssize_t n;
	int ret;

	do {
		n = recv(fd, bytes, CONTROL_MAX_BYTES, 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		ret = err_sys(e, "no answer from epochd");
	else if (n == 0)
		ret = err_set(e, -EPIPE, "epochd ended before it answered");
	else
		ret = control_decode_answer(bytes, (size_t)n, a, e);
	free(bytes);
	return ret;
}

int control_ask(int fd, const struct control_request *r, struct control_answer *a, struct err *e)
{
	struct timeval patience = {.tv_sec = r->kind == CONTROL_BEGIN ? 0 : SHORT_ANSWER_SECONDS};
	int ret;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	ret = send_request(fd, r, e);
	if (ret == 0)
		ret = receive(fd, a, e);
	close(fd);
	return ret;
}
