/* The VP8 payload descriptor (RFC 7741 section 4.2), as sfu.rtp.codecs.vp8 reads it. */

#ifndef PARLEY_VP8_H
#define PARLEY_VP8_H

#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

/* Imports what marks are made of, and interns names; false with an exception set. */
bool vp8_init(void);

/* Whether `marker` is the function that marks VP8. */
bool vp8_is(PyObject *marker);

/* The mark of the payload between the two offsets, a new reference; NULL without an exception for
   what is for Python: a keyframe's beginning, and what is malformed. */
PyObject *vp8_mark(const uint8_t *data, size_t offset, size_t end, bool marker);

#endif
