import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';
import { testNeeding } from '../support/needing.ts';
import { startMonitoredSystem } from './monitored-system.ts';
import { checkMetrics } from './prometheus.ts';

const promtool = spawnSync('promtool', ['--version'], { stdio: 'ignore' }).status === 0;

testNeeding(!promtool && 'promtool is not installed')(
  'promtool check metrics reports nothing for any process',
  async () => {
    await using system = await startMonitoredSystem();
    for (const address of Object.values(system.targets).flat()) {
      const metrics = await (await fetch(`http://${address}/metrics`)).text();
      expect(metrics).toContain('votewire_');
      expect(checkMetrics(metrics)).toBe('');
    }
    expect(checkMetrics('# TYPE votes counter\nvotes 1\n'), 'it finds a counter without _total').not.toBe('');
  },
);
