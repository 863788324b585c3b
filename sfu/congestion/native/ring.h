/* A queue that grows as it has to, of what is kept of packets for a while. */

#ifndef PARLEY_RING_H
#define PARLEY_RING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/* What two times and a number mean is its owner's business. */
typedef struct {
    double sent, arrived;
    int64_t number;
} Item;

/* All zeros is an empty one; `capacity` is a power of two. */
typedef struct {
    Item *items;
    unsigned capacity, head, count;
} Ring;

static inline Item *ring_at(Ring *ring, unsigned index) {
    return &ring->items[(ring->head + index) & (ring->capacity - 1)];
}

static inline Item *ring_last(Ring *ring) { return ring_at(ring, ring->count - 1); }

static inline void ring_drop_first(Ring *ring) {
    ring->head = (ring->head + 1) & (ring->capacity - 1);
    ring->count--;
}

static inline void ring_clear(Ring *ring) { ring->count = 0; }

static inline void ring_free(Ring *ring) {
    free(ring->items);
    *ring = (Ring){0};
}

/* Appends; false when out of memory. */
static inline bool ring_add(Ring *ring, Item item) {
    if (ring->count == ring->capacity) {
        unsigned capacity = ring->capacity ? 2 * ring->capacity : 16;
        Item *items = malloc(capacity * sizeof *items);
        if (items == NULL) {
            return false;
        }
        for (unsigned n = 0; n < ring->count; n++) {
            items[n] = *ring_at(ring, n);
        }
        free(ring->items);
        *ring = (Ring){items, capacity, 0, ring->count};
    }
    ring->count++;
    *ring_last(ring) = item;
    return true;
}

#endif
