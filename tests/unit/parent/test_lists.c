/* A list file gives its words, whatever the pieces it is read in, and nothing else. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "parent.h"
#include "test.h"

static struct list	 list;
static char		 word[WORD_MAX];
static int		 writer;

/* A list that reads what is written to writer, without waiting. */
static void
open_list(void)
{
	int	 p[2];

	if (pipe2(p, O_CLOEXEC | O_NONBLOCK) == -1)
		abort();
	writer = p[1];
	list_init(&list, p[0]);
}

static void
feed(const char *bytes, size_t n)
{
	CHECK(write(writer, bytes, n) == (ssize_t)n);
}

/* The list holds this text and no more. */
static void
open_text(const char *text)
{
	open_list();
	feed(text, strlen(text));
	close(writer);
}

/* The next word or end, after as many reads as it takes. */
static int
next(void)
{
	int	 got = -3;

	for (int tries = 0; got == -3 && tries < 100; tries++)
		got = list_word(&list, word);
	return (got);
}

static bool
next_is(const char *want, unsigned int line)
{
	return (next() == 1 && strcmp(word, want) == 0 && list.line == line);
}

static bool
at_end(void)
{
	bool	 end = next() == 0 && next() == 0;

	close(list.fd);
	return (end);
}

static void
words_and_their_lines(void)
{
	open_text("10.0.0.1 a.example\tb\n\n  c/24\r\nd");
	CHECK(next_is("10.0.0.1", 1));
	CHECK(next_is("a.example", 1));
	CHECK(next_is("b", 1));
	CHECK(next_is("c/24", 3));
	CHECK(next_is("d", 4));
	CHECK(at_end());
}

static void
nothing_in_it(void)
{
	open_text("");
	CHECK(at_end());
	open_text(" \n\t\r\n");
	CHECK(at_end());
	open_text("# only this");
	CHECK(at_end());
}

static void
comments_go_to_the_end_of_the_line(void)
{
	open_text("# one two\na#b c\nd # e\n#\n##\nf#");
	CHECK(next_is("a", 2));
	CHECK(next_is("d", 3));
	CHECK(next_is("f", 6));
	CHECK(at_end());
}

static void
a_comment_may_be_longer_than_the_buffer(void)
{
	static char	 text[20000];

	memset(text, 'x', sizeof(text));
	text[0] = '#';
	open_list();
	feed(text, sizeof(text));
	feed("\nword", 5);
	close(writer);
	CHECK(next_is("word", 2));
	CHECK(at_end());
}

/* Whatever the first piece is, the words are the same. */
static void
pieces_do_not_matter(void)
{
	const char	*text = "ab #c d\n e#f\r\n#g\nhi ";

	for (size_t cut = 1; cut < strlen(text); cut++) {
		const char	*want[] = { "ab", "e", "hi" };
		unsigned int	 n = 0;

		open_list();
		feed(text, cut);
		for (int tries = 0; tries < 20; tries++) {
			int	 got = list_word(&list, word);

			if (got == 1) {
				CHECK(n < 3 && strcmp(word, want[n]) == 0);
				n++;
			}
			if (tries == 8) {
				feed(text + cut, strlen(text) - cut);
				close(writer);
			}
		}
		CHECK(n == 3 && at_end());
	}
}

static void
many_words_cross_the_buffer(void)
{
	char	 text[16];

	open_list();
	for (unsigned int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "w%u\n", i);
		feed(text, strlen(text));
	}
	close(writer);
	for (unsigned int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "w%u", i);
		CHECK(next_is(text, i + 1));
	}
	CHECK(at_end());
}

static void
it_reads_once_a_call(void)
{
	open_list();
	CHECK(list_word(&list, word) == -3);	/* Nothing there yet. */
	feed("half", 4);
	CHECK(list_word(&list, word) == -3);
	CHECK(list_word(&list, word) == -3);
	feed("way ", 4);
	CHECK(list_word(&list, word) == -3);
	CHECK(list_word(&list, word) == 1 && strcmp(word, "halfway") == 0);
	close(writer);
	CHECK(at_end());
}

static void
the_longest_word_and_one_longer(void)
{
	char	 text[WORD_MAX + 1];

	memset(text, 'x', sizeof(text));
	text[WORD_MAX] = '\0';
	open_text(text + 1);
	CHECK(next_is(text + 1, 1));
	CHECK(at_end());
	open_text(text);
	CHECK(next() == -2);
	close(list.fd);
}

static void
a_word_may_not_hold_control_bytes(void)
{
	const char	 nul[] = "a\nb\0c\n", esc[] = "a\n\n\x1b[31m", del[] = "a\x7f";

	open_list();
	feed(nul, sizeof(nul) - 1);
	CHECK(next_is("a", 1));
	CHECK(next() == -2 && list.line == 2);
	close(list.fd);
	close(writer);
	open_text(esc);
	CHECK(next_is("a", 1));
	CHECK(next() == -2 && list.line == 3);
	close(list.fd);
	open_text(del);
	CHECK(next() == -2 && list.line == 1);
	close(list.fd);
}

static void
a_file_that_can_not_be_read_says_why(void)
{
	list_init(&list, 999);
	errno = 0;
	CHECK(list_word(&list, word) == -1 && errno == EBADF);
}

/* A plain file with so much of these bytes in it. */
static int
plain_file(const char *bytes, size_t n)
{
	int	 fd = memfd_create("list", MFD_CLOEXEC);

	CHECK(fd != -1 && write(fd, bytes, n) == (ssize_t)n);
	return (fd);
}

static uint64_t
digest_of(const char *bytes, size_t n)
{
	uint64_t	 digest = 0, size = 0;
	int		 fd = plain_file(bytes, n);

	CHECK(list_digest(fd, &digest, &size) && size == n);
	close(fd);
	return (digest);
}

static char	 big[200000];	/* more than is read at once, three times over */

static void
a_digest_changes_with_any_byte(void)
{
	uint64_t	 whole = digest_of("10.0.0.1\n", 9);
	char		 text[] = "10.0.0.1\n";

	CHECK(whole == digest_of("10.0.0.1\n", 9));
	for (size_t i = 0; i < 9; i++)
		for (int bit = 0; bit < 8; bit++) {
			text[i] ^= (char)(1 << bit);
			CHECK(digest_of(text, 9) != whole);
			text[i] ^= (char)(1 << bit);
		}
	CHECK(digest_of(text, 8) != whole);
	CHECK(digest_of(text, 10) != whole);	/* a NUL more */
}

static void
the_digest_of_a_big_file_covers_all_of_it(void)
{
	uint64_t	 whole;

	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)('0' + i / 65536);
	whole = digest_of(big, sizeof(big));
	CHECK(whole == digest_of(big, sizeof(big)));
	CHECK(whole != digest_of(big, sizeof(big) - 1));
	for (size_t at = 0; at < sizeof(big); at += 9973) {
		big[at]++;
		CHECK(digest_of(big, sizeof(big)) != whole);
		big[at]--;
	}
	/* The same pieces in another order. */
	memset(big, '1', 65536);
	memset(big + 65536, '0', 65536);
	CHECK(digest_of(big, sizeof(big)) != whole);
	/* The end of a piece is the end of the file. */
	CHECK(digest_of(big, 65536) != digest_of(big, 131072));
	CHECK(digest_of(big, 0) != 0);
}

static void
a_digest_does_not_move_the_file(void)
{
	uint64_t	 digest, size;
	int		 fd = plain_file("one two three", 13);

	CHECK(lseek(fd, 4, SEEK_SET) == 4);
	CHECK(list_digest(fd, &digest, &size) && size == 13);
	CHECK(digest == digest_of("one two three", 13));
	list_init(&list, fd);
	CHECK(next_is("two", 1) && next_is("three", 1));
	CHECK(at_end());
}

static void
a_stream_has_no_digest_and_keeps_its_words(void)
{
	uint64_t	 digest, size;
	int		 zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	open_text("one two");
	CHECK(!list_digest(list.fd, &digest, &size));
	CHECK(next_is("one", 1) && next_is("two", 1));
	CHECK(at_end());
	CHECK(zero != -1 && !list_digest(zero, &digest, &size));
	close(zero);
	CHECK(!list_digest(999, &digest, &size));
}

int
main(void)
{
	CASE(words_and_their_lines);
	CASE(nothing_in_it);
	CASE(comments_go_to_the_end_of_the_line);
	CASE(a_comment_may_be_longer_than_the_buffer);
	CASE(pieces_do_not_matter);
	CASE(many_words_cross_the_buffer);
	CASE(it_reads_once_a_call);
	CASE(the_longest_word_and_one_longer);
	CASE(a_word_may_not_hold_control_bytes);
	CASE(a_file_that_can_not_be_read_says_why);
	CASE(a_digest_changes_with_any_byte);
	CASE(the_digest_of_a_big_file_covers_all_of_it);
	CASE(a_digest_does_not_move_the_file);
	CASE(a_stream_has_no_digest_and_keeps_its_words);
	return (test_done());
}
