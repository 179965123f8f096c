import { startBaselineSystem } from '../targets/baseline-system.ts';
import { startEdgeSystem } from '../targets/edge-system.ts';
import { startGoPeer } from '../targets/go-peer.ts';
import type { Placement } from '../targets/placement.ts';
import type { System } from '../targets/system.ts';
import type { Variant } from './variant.ts';

/** Starts what a variant measures, on fresh processes. */
export async function startSystem(variant: Variant, placement: Placement): Promise<System> {
  if (variant.rung === 'peer') return startGoPeer(variant, placement);
  if (variant.rung !== 'edge') return startBaselineSystem(variant, placement);
  const { runtime, codec, transport } = variant;
  if (runtime === 'go' || codec === 'go' || codec === 'none') throw new Error(`${variant.id} is no edge`);
  return startEdgeSystem({ runtime, codec, transport, placement });
}
