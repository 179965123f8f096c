type Schema = Record<string, unknown>;

const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const count: Schema = { type: 'integer', minimum: 0 };
const measure: Schema = { type: 'number', minimum: 0 };
const id: Schema = { type: 'string', pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' };
const time: Schema = { type: 'string', format: 'date-time' };
const timeOrNull: Schema = { type: ['string', 'null'], format: 'date-time' };
const texts: Schema = { type: 'object', additionalProperties: text };
const status: Schema = { type: 'string', enum: ['scheduled', 'open', 'closed'] };
const list = (items: Schema): Schema => ({ type: 'array', items });
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
/** An object of which every property is always there. */
const object = (properties: Record<string, Schema>): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
});
/** An object of which only some properties have to be there. */
const partial = (properties: Record<string, Schema>, required: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
  additionalProperties: false,
});

const option = object({ id, label: text, colour: { type: 'string', pattern: '^#[0-9a-fA-F]{6}$' }, attributes: texts });
const rule: Schema = { type: 'string', enum: ['one-per-voter', 'open'] };
const contest = {
  id,
  title: text,
  rule,
  options: list(option),
  opensAt: timeOrNull,
  closesAt: timeOrNull,
  hidden: flag,
};
const newOption = partial({ id, label: text, colour: text, attributes: texts }, ['id']);
const editable = { title: text, options: list(newOption), opensAt: timeOrNull, closesAt: timeOrNull, hidden: flag };
const group = { name: text, lag: { type: ['integer', 'null'], minimum: 0 }, pending: count };
const process = {
  name: text,
  ageMs: count,
  startedAt: time,
  alive: flag,
  details: { type: 'object', additionalProperties: { type: ['number', 'string', 'boolean'] } },
};
const counts = (...names: string[]) => object(Object.fromEntries(names.map((name) => [name, count])));
const deadLetter = {
  partition: count,
  group: text,
  id: text,
  reason: text,
  firstFailure: time,
  lastFailure: time,
  failures: count,
  deliveries: count,
  votes: count,
  field: text,
  bytes: count,
};

/** The shapes of everything that the API takes and answers. */
export const openApiSchemas: Record<string, Schema> = {
  Contest: object({ ...contest, status, resultsHidden: flag }),
  ContestList: object({ contests: list(ref('Contest')) }),
  NewContest: partial({ id, rule, ...editable }, ['id', 'title', 'rule', 'options']),
  ContestChange: partial({ ...editable, status: { type: 'string', enum: ['open', 'closed'] } }),
  Results: object({
    contest: id,
    status,
    version: count,
    total: count,
    voters: count,
    changed: count,
    countedUpTo: timeOrNull,
    options: list(object({ id, label: text, count })),
  }),
  History: object({
    contest: id,
    stepMs: count,
    points: list({ type: 'array', prefixItems: [count, count], minItems: 2, maxItems: 2 }),
  }),
  LogItem: object({
    id: text,
    contest: id,
    choice: { type: ['string', 'null'], description: "null while the contest's results are hidden." },
    voter: { type: 'string', description: 'A keyed hash of the voter, base64url.', pattern: '^[A-Za-z0-9_-]{22}$' },
    attributes: texts,
    path: { type: 'string', enum: ['http', 'grpc', 'connect'] },
    edge: text,
    receivedAt: time,
  }),
  LogPage: object({ items: list(ref('LogItem')), next: { type: ['string', 'null'] } }),
  System: object({
    partitions: list(
      object({
        partition: count,
        length: count,
        newestAgeMs: { type: ['integer', 'null'], minimum: 0 },
        groups: list(object({ ...group, consumers: list(object({ name: text, pending: count, idleMs: count })) })),
        deadLetters: count,
      }),
    ),
    groups: list(object(group)),
    consumers: list(object({ ...process, pending: { type: 'object', additionalProperties: count } })),
    edges: list(object(process)),
    ledger: ref('Ledger'),
  }),
  Ledger: object({
    intake: counts('offered', 'accepted', 'refused', 'unknown'),
    entries: counts('added', 'tallied', 'logged', 'deadTally', 'deadLog', 'passedTally', 'passedLog', 'waiting'),
    votes: counts('tallied', 'counted', 'superseded', 'duplicate', 'late', 'dead', 'logged'),
    open: count,
    gaps: list(text),
  }),
  DeadLetterList: object({ total: count, items: list(object(deadLetter)) }),
  DeadLetterDetail: object({ ...deadLetter, hex: text, batch: { description: 'The VoteBatch as JSON, or null.' } }),
  ReplayOutcome: object({ replayed: flag, newId: { type: ['string', 'null'] }, readable: flag }),
  Bench: object({ reports: list(ref('BenchReport')), run: ref('BenchRun'), mayStart: flag }),
  BenchReport: object({
    id: text,
    valid: flag,
    verdict: list(text),
    rows: list(
      object({
        id: text,
        rung: text,
        payload: text,
        load: text,
        transport: text,
        codec: text,
        runtime: text,
        mode: text,
        connections: count,
        cpuSecondsPerMillion: object({ median: measure, low: measure, high: measure }),
        throughput: measure,
        p99Ms: { type: ['number', 'null'] },
        valid: flag,
      }),
    ),
    hasHtml: flag,
  }),
  BenchRun: {
    oneOf: [
      object({ state: { const: 'none' } }),
      object({ state: { const: 'running' }, startedAt: time, output: list(text) }),
      object({
        state: { const: 'ended' },
        startedAt: time,
        endedAt: time,
        exitCode: { type: ['integer', 'null'] },
        output: list(text),
      }),
    ],
  },
  Settings: object({
    voteUrl: { type: ['string', 'null'] },
    votePort: count,
    adminEnabled: flag,
    logStore: { type: 'string', enum: ['mongodb', 'sqlite'] },
  }),
  Problem: {
    ...object({ type: text, title: text, status: count, code: text, detail: text }),
    properties: {
      type: text,
      title: text,
      status: count,
      code: text,
      detail: text,
      errors: list(object({ field: text, message: text })),
    },
  },
};
