import { type Cell, isEdge } from '../cells/cell.ts';
import { startBaselineSystem } from './baseline-system.ts';
import { startEdgeSystem } from './edge-system.ts';
import { startPeerSystem } from './peer-system.ts';
import type { Placement } from './process/placement.ts';
import type { System } from './system.ts';

/** Starts the system that a cell measures, on new processes. */
export function startSystem(cell: Cell, placement: Placement): Promise<System> {
  if (isEdge(cell.server))
    return startEdgeSystem({ ...cell, ingress: cell.server === 'edge' ? 'direct' : 'framework', placement });
  return cell.server === 'peer' ? startPeerSystem(cell, placement) : startBaselineSystem(cell, placement);
}
