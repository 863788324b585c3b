#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#include "batch.h"
#include "field.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

_Static_assert((int)BATCH_SPACE >= (int)MAX_PACKET + (int)MAX_TAG, "a protected packet fits");

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103 /* Linux 4.18 */
#endif
/* What Linux cuts from one message, and what fits into an IP packet. */
enum { MAX_SEGMENTS = 64, MAX_MESSAGE = 65000 };
enum { CONTROL = CMSG_SPACE(sizeof(uint16_t)) };

static Field packets_sent, octets_sent, packets_out, bytes_out;
static bool segmentation;

/* Whether the system cuts one message into datagrams; one that does not know of it would send the
   whole as one datagram. */
static bool has_segmentation(void) {
    int off = 0, descriptor = socket(AF_INET, SOCK_DGRAM, 0);
    bool has = descriptor >= 0 &&
               setsockopt(descriptor, IPPROTO_UDP, UDP_SEGMENT, &off, sizeof off) == 0;
    if (descriptor >= 0) {
        close(descriptor);
    }
    return has;
}

bool batch_init(void) {
    segmentation = has_segmentation();
    return field_init(&packets_sent, "packets_sent") && field_init(&octets_sent, "octets_sent") &&
           field_init(&packets_out, "packets_out") && field_init(&bytes_out, "bytes_out");
}

uint8_t *batch_space(Batch *batch) { return batch->packets[batch->count]; }

bool batch_is_full(const Batch *batch) { return batch->count == BATCH_COPIES; }

void batch_add(Batch *batch, PyObject *copy, PyObject *traffic, long octets, size_t size,
               size_t protected_size, Sender *sender) {
    int descriptor = sender->address.any.sa_family == AF_INET ? batch->ipv4 : batch->ipv6;
    if (descriptor == NO_SOCKET) {
        batch->homeless++;
        return;
    }
    unsigned slot = batch->count++;
    Queued *queued = &batch->queued[slot];
    *queued = (Queued){.copy = Py_NewRef(copy),
                       .traffic = Py_NewRef(traffic),
                       .octets = octets,
                       .size = size,
                       .protected_size = protected_size,
                       .descriptor = descriptor,
                       .length = sender->length,
                       .next = -1};
    memcpy(&queued->address, &sender->address, sender->length);
    Queued *last = &batch->queued[sender->last];
    if (sender->batch == batch->sequence && last->length == sender->length &&
        memcmp(&last->address, &sender->address, sender->length) == 0) {
        last->next = (int)slot;
    } else {
        batch->firsts[batch->address_count++] = slot;
    }
    sender->batch = batch->sequence;
    sender->last = slot;
}

/* Messages for one socket, each of one datagram or of several that the system cuts apart. */
typedef struct {
    int descriptor;
    unsigned count, parts_used;
    struct mmsghdr messages[BATCH_COPIES];
    struct iovec parts[BATCH_COPIES];
    unsigned firsts[BATCH_COPIES]; /* of each message, its first copy */
    union {
        char bytes[CONTROL];
        struct cmsghdr aligned;
    } control[BATCH_COPIES];
} Mail;

/* Appends a message that begins with the copy `slot`; the first copy that it does not hold. Only
   the last part may be smaller than the others. */
static int add_message(Mail *mail, Batch *batch, int slot) {
    Queued *first = &batch->queued[slot];
    size_t whole = 0;
    unsigned count = 0;
    struct iovec *parts = &mail->parts[mail->parts_used];
    mail->firsts[mail->count] = (unsigned)slot;
    bool may_follow = true;
    while (slot >= 0 && may_follow) {
        const Queued *queued = &batch->queued[slot];
        size_t size = queued->protected_size;
        if (count > 0 && (!segmentation || count == MAX_SEGMENTS ||
                          size > first->protected_size || whole + size > MAX_MESSAGE)) {
            break;
        }
        may_follow = size == first->protected_size;
        parts[count++] = (struct iovec){batch->packets[slot], size};
        whole += size;
        slot = queued->next;
    }
    mail->parts_used += count;
    struct msghdr *header = &mail->messages[mail->count].msg_hdr;
    *header = (struct msghdr){.msg_name = &first->address,
                              .msg_namelen = first->length,
                              .msg_iov = parts,
                              .msg_iovlen = count};
    if (count > 1) {
        uint16_t size = (uint16_t)first->protected_size;
        header->msg_control = mail->control[mail->count].bytes;
        header->msg_controllen = CONTROL;
        struct cmsghdr *control = CMSG_FIRSTHDR(header);
        *control = (struct cmsghdr){.cmsg_level = IPPROTO_UDP,
                                    .cmsg_type = UDP_SEGMENT,
                                    .cmsg_len = CMSG_LEN(sizeof size)};
        memcpy(CMSG_DATA(control), &size, sizeof size);
    }
    mail->count++;
    return slot;
}

static void count_failure(Batch *batch, long copies) {
    bool full = errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS;
    *(full ? &batch->full : &batch->failed) += copies;
}

static void mark_sent(Batch *batch, const Mail *mail, unsigned message) {
    int slot = (int)mail->firsts[message];
    for (size_t n = 0; n < mail->messages[message].msg_hdr.msg_iovlen; n++) {
        batch->queued[slot].sent = true;
        slot = batch->queued[slot].next;
    }
}

/* Sends the parts of a message that the system did not cut one by one. */
static void send_apart(Batch *batch, const Mail *mail, unsigned message) {
    const struct msghdr *header = &mail->messages[message].msg_hdr;
    int slot = (int)mail->firsts[message];
    for (size_t n = 0; n < header->msg_iovlen; n++) {
        Queued *queued = &batch->queued[slot];
        queued->sent = sendto(mail->descriptor, batch->packets[slot], queued->protected_size,
                              MSG_DONTWAIT, header->msg_name, header->msg_namelen) >= 0;
        if (!queued->sent) {
            count_failure(batch, 1);
        }
        slot = queued->next;
    }
}

/* The global lock stays held: nothing here blocks, and nothing else has work to do meanwhile. */
static void send_mail(Batch *batch, const Mail *mail) {
    unsigned done = 0;
    while (done < mail->count) {
        int taken = sendmmsg(mail->descriptor, (struct mmsghdr *)mail->messages + done,
                             mail->count - done, MSG_DONTWAIT);
        for (int n = 0; n < taken; n++) {
            mark_sent(batch, mail, done++);
        }
        if (taken > 0 || (taken < 0 && errno == EINTR)) {
            continue;
        }
        /* The first one failed; the others get their try, as with a call for each. */
        size_t copies = mail->messages[done].msg_hdr.msg_iovlen;
        if (copies > 1 && errno != EAGAIN && errno != EWOULDBLOCK) {
            /* EIO: the way out has no checksums in hardware, which will not change. */
            segmentation = segmentation && errno != EIO;
            send_apart(batch, mail, done);
        } else {
            count_failure(batch, (long)copies);
        }
        done++;
    }
}

static void send_by(Batch *batch, int descriptor) {
    static Mail mail;
    mail.descriptor = descriptor;
    mail.count = mail.parts_used = 0;
    for (unsigned n = 0; n < batch->address_count; n++) {
        int slot = (int)batch->firsts[n];
        if (batch->queued[slot].descriptor != descriptor) {
            continue;
        }
        while (slot >= 0) {
            slot = add_message(&mail, batch, slot);
        }
    }
    if (mail.count > 0) {
        send_mail(batch, &mail);
    }
}

static bool add_to(PyObject *object, Field *field, long more) {
    PyObject *before = field_get(field, object);
    PyObject *number = before != NULL ? PyLong_FromLong(more) : NULL;
    PyObject *after = number != NULL ? PyNumber_Add(before, number) : NULL;
    Py_XDECREF(number);
    Py_XDECREF(before);
    return field_set(field, object, after);
}

/* Counts what was sent, with one addition for all copies of a packet. */
static bool count_traffic(Batch *batch) {
    bool done = true;
    for (unsigned slot = 0; slot < batch->count && done;) {
        PyObject *traffic = batch->queued[slot].traffic;
        long packets = 0, bytes = 0;
        for (; slot < batch->count && batch->queued[slot].traffic == traffic; slot++) {
            packets += batch->queued[slot].sent;
            bytes += batch->queued[slot].sent ? (long)batch->queued[slot].size : 0;
        }
        batch->sent += packets;
        done = packets == 0 || (add_to(traffic, &packets_out, packets) &&
                                add_to(traffic, &bytes_out, bytes));
    }
    return done;
}

bool batch_send(Batch *batch) {
    if (batch->count == 0) {
        return true;
    }
    send_by(batch, batch->ipv4);
    send_by(batch, batch->ipv6);
    bool done = count_traffic(batch);
    for (unsigned slot = 0; slot < batch->count && done; slot++) {
        const Queued *queued = &batch->queued[slot];
        done = !queued->sent || (add_to(queued->copy, &packets_sent, 1) &&
                                 add_to(queued->copy, &octets_sent, queued->octets));
    }
    batch_drop(batch);
    return done;
}

void batch_drop(Batch *batch) {
    unsigned count = batch->count;
    batch->count = batch->address_count = 0;
    batch->sequence++;
    for (unsigned slot = 0; slot < count; slot++) {
        Py_DECREF(batch->queued[slot].copy);
        Py_DECREF(batch->queued[slot].traffic);
    }
}
