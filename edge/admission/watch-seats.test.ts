import { assert, expect, test } from 'vitest';
import type { Seats } from '../../http/seats.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import { createWatchSeats, MAX_WATCHES, MAX_WATCHES_PER_ADDRESS } from './watch-seats.ts';

function takeAll(seats: Seats, address: string, count: number): (() => void)[] {
  return Array.from({ length: count }, () => {
    const seat = seats.take(address);
    assert(typeof seat === 'function');
    return seat;
  });
}

test('limits the watches of one address without affecting others', () => {
  const seats = createWatchSeats();
  const [first] = takeAll(seats, 'a', MAX_WATCHES_PER_ADDRESS);
  expect(seats.take('a')).toMatchObject({ code: ErrorCode.RATE_LIMITED });
  takeAll(seats, 'b', 1);
  first?.();
  first?.();
  takeAll(seats, 'a', 1);
  expect(seats.take('a'), 'a seat is given back once').toMatchObject({ code: ErrorCode.RATE_LIMITED });
});

test('an IPv6 /64 network counts as one address', () => {
  const seats = createWatchSeats();
  const [first] = takeAll(seats, '2001:db8::1', 1);
  takeAll(seats, '2001:db8::2', MAX_WATCHES_PER_ADDRESS - 1);
  expect(seats.take('2001:db8::3')).toMatchObject({ code: ErrorCode.RATE_LIMITED });
  takeAll(seats, '2001:db8:0:1::1', 1);
  first?.();
  takeAll(seats, '2001:db8::4', 1);
});

test('limits the watches of all addresses together', () => {
  const seats = createWatchSeats();
  const addresses = MAX_WATCHES / MAX_WATCHES_PER_ADDRESS;
  const all = Array.from({ length: addresses }, (_, i) => takeAll(seats, `${i}`, MAX_WATCHES_PER_ADDRESS)).flat();
  expect(seats.take('another')).toMatchObject({ code: ErrorCode.OVERLOADED });
  for (const release of all) release();
  takeAll(seats, 'another', 1);
});
