import type { Http2Stream } from '../stream/http2-stream.ts';

/** A power of two. */
const FIRST_SLOTS = 8;

/**
 * Streams by id, in a hash table with linear probing.
 *
 * Not a Map: under churn V8 keeps replacing a Map's table, and each old table points to its entries and to the next
 * table. Once one of them is in the old generation, all streams survive until the next full collection, which cost a
 * busy edge 70 MB and a quarter of its CPU.
 */
export class OpenStreams {
  #slots: (Http2Stream | undefined)[] = new Array(FIRST_SLOTS).fill(undefined);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): Http2Stream | undefined {
    return this.#slots[this.#find(id)];
  }

  /** Adds a stream whose id is not in the table. */
  add(stream: Http2Stream): void {
    this.#size++;
    if (2 * this.#size > this.#slots.length) this.#grow();
    this.#slots[this.#find(stream.id)] = stream;
  }

  delete(id: number): void {
    const slots = this.#slots;
    let hole = this.#find(id);
    if (slots[hole] === undefined) return;
    slots[hole] = undefined;
    this.#size--;
    // Moves entries that were displaced past the hole back into it, because a search ends at the first empty slot.
    const mask = slots.length - 1;
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const stream = slots[at];
      if (stream === undefined) return;
      const distance = (at - this.#home(stream.id)) & mask;
      if (distance < ((at - hole) & mask)) continue;
      slots[hole] = stream;
      slots[at] = undefined;
      hole = at;
    }
  }

  /** Iterates over open streams; skips those that are deleted meanwhile. */
  *values(): Generator<Http2Stream> {
    for (const stream of [...this.#slots]) if (stream !== undefined && this.get(stream.id) === stream) yield stream;
  }

  /** The slot of the stream with this id, or the empty one where it would be. */
  #find(id: number): number {
    const slots = this.#slots;
    let at = this.#home(id);
    for (let stream = slots[at]; stream !== undefined && stream.id !== id; stream = slots[at]) {
      at = (at + 1) & (slots.length - 1);
    }
    return at;
  }

  /** A client's ids are odd and ascending, so streams that are open at the same time rarely collide. */
  #home(id: number): number {
    return (id >>> 1) & (this.#slots.length - 1);
  }

  #grow(): void {
    const former = this.#slots;
    this.#slots = new Array(2 * former.length).fill(undefined);
    for (const stream of former) if (stream !== undefined) this.#slots[this.#find(stream.id)] = stream;
  }
}
