import { expect, test } from 'vitest';
import { benchEnvironment } from './bench-environment.ts';

test('a bench does not inherit the settings of the deployment that starts it', () => {
  const env = {
    PATH: '/bin',
    HOME: '/root',
    REDIS_URL: 'redis://real',
    MONGODB_URL: 'mongodb://real',
    SECRET: 'x',
    PORT: '1',
  };
  expect(benchEnvironment(env)).toStrictEqual({ PATH: '/bin', HOME: '/root' });
});
