/* The header extensions of outgoing copies, as sfu.rtp.rewrite.extension_block makes them. */

#ifndef PARLEY_BLOCK_H
#define PARLEY_BLOCK_H

#include <Python.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* With a transport-wide number, send time and all that browsers use a block has under 100 bytes. */
enum { MAX_BLOCK = 512 };

/* An outgoing header extension block; offsets are -1 for what is not stamped. */
typedef struct {
    uint8_t data[MAX_BLOCK];
    size_t size;
    long transport_cc, abs_send_time, frame_number;
} Block;

/* Interns the names it needs; false with an exception set. */
bool block_init(void);

/* The block of all copies of `packet` with that plan; where ours would not do it is asked of
   `block_of`, the Python function. False with an exception set. */
bool block_read(PyObject *block_of, PyObject *packet, PyObject *plan, Block *read);

#endif
