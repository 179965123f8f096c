import type { VotePlace } from '../../store/tally/receipt-status.ts';
import { RECEIPT_TAG_BYTES, type ReceiptMac } from '../../wasm/mac/receipt-mac.ts';

/**
 * Receipts: base64url of the vote's place (20 bytes) and a tag under the deployment's secret (8 bytes), 38 characters.
 * They cannot be guessed and do not reveal the choice.
 *
 *     version and partition 2, epoch 6, entry id 6 + 4, index 2, tag 8
 */
export interface Receipts {
  issue(partition: number, entryId: string, index: number): string;
  /** Undefined if the text is not a receipt of this deployment. */
  read(receipt: string): VotePlace | undefined;
  /** Sets the epoch of a partition's stream, 8 characters of base64url. Receipts cannot be issued without it. */
  setEpoch(partition: number, epoch: string): void;
}

export const RECEIPT_CHARACTERS = 38;
const PLACE_BYTES = 20;
const VERSION = 1;
const VERSION_SHIFT = 2048;

export function createReceipts(mac: ReceiptMac): Receipts {
  const epochs: Buffer[] = [];
  const epochTexts: string[] = [];
  const bytes = Buffer.alloc(PLACE_BYTES + RECEIPT_TAG_BYTES);
  // Votes of one entry are acknowledged in a row, so the common part of their receipts is written once.
  let writtenId = '';
  let writtenPartition = -1;
  let writtenEpoch: Buffer | undefined;

  return {
    issue(partition, entryId, index) {
      const epoch = epochs[partition];
      if (writtenId !== entryId || writtenPartition !== partition || writtenEpoch !== epoch) {
        if (epoch === undefined)
          throw new Error(`Cannot issue a receipt: the epoch of partition ${partition} is unknown`);
        writePlace(bytes, partition, epoch, entryId);
        writtenId = entryId;
        writtenPartition = partition;
        writtenEpoch = epoch;
      }
      bytes[PLACE_BYTES - 2] = index >>> 8;
      bytes[PLACE_BYTES - 1] = index;
      mac.sign(bytes, PLACE_BYTES);
      return bytes.toString('base64url');
    },
    read(receipt) {
      if (receipt.length !== RECEIPT_CHARACTERS || !/^[A-Za-z0-9_-]+$/.test(receipt)) return undefined;
      const given = Buffer.from(receipt, 'base64url');
      // The last character has spare bits; only the canonical spelling is a receipt.
      const valid = mac.verify(given, PLACE_BYTES) && given.toString('base64url') === receipt;
      return valid ? readPlace(given) : undefined;
    },
    setEpoch(partition, epoch) {
      if (epochTexts[partition] === epoch) return;
      epochTexts[partition] = epoch;
      epochs[partition] = Buffer.from(epoch, 'base64url');
    },
  };
}

function writePlace(bytes: Buffer, partition: number, epoch: Buffer, entryId: string): void {
  const dash = entryId.indexOf('-');
  bytes.writeUInt16BE(VERSION * VERSION_SHIFT + partition, 0);
  bytes.fill(0, 2, 8);
  epoch.copy(bytes, 2, 0, 6);
  bytes.writeUIntBE(Number(entryId.slice(0, dash)), 8, 6);
  bytes.writeUInt32BE(Number(entryId.slice(dash + 1)) >>> 0, 14);
}

function readPlace(bytes: Buffer): VotePlace | undefined {
  const head = bytes.readUInt16BE(0);
  if (Math.floor(head / VERSION_SHIFT) !== VERSION) return undefined;
  return {
    partition: head % VERSION_SHIFT,
    epoch: bytes.toString('base64url', 2, 8),
    entryId: `${bytes.readUIntBE(8, 6)}-${bytes.readUInt32BE(14)}`,
    index: bytes.readUInt16BE(18),
  };
}
