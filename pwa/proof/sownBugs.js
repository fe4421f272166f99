/**
 * Bugs of the phone that the proof must find: known ways to lose or double reports, each put into the app's own text at one
 * place. `put` gives what stands there instead, from the condition under which the bug is awake and what stood there.
 *
 * @typedef {{ name: string, file: string, find: string, put: (isAwake: string, found: string) => string }} SownBug
 */

/** Something that is done before what stands there, when the bug is awake. */
const before = (/** @type {string} */ work) => (/** @type {string} */ isAwake, /** @type {string} */ found) =>
  `if (${isAwake}) {\n${work}\n}\n${found}`;

/** A condition that is another one when the bug is awake. */
const condition = (/** @type {string} */ awake) => (/** @type {string} */ isAwake, /** @type {string} */ found) =>
  `(${isAwake} ? (${awake}) : (${found}))`;

/** @type {SownBug[]} */
export const sownBugs = [
  {
    name: "delete on send",
    file: "sync/push.ts",
    find: "  const { results, receipts, orders, ...contact } = await post(round, transport, batch);",
    put: before(`await round.database.write([queue], async (t) => {
      for (const row of batch) await t.objectStore(queue).delete(keyOf(row));
    });`),
  },
  {
    name: "trust HTTP 200",
    file: "sync/push.ts",
    find: "  const list = await verifiedList(receipts, transport);",
    put: before(`for (const row of batch) await round.database.write([queue], (t) => t.objectStore(queue).delete(keyOf(row)));
    Object.assign(round, contact, { reached: true });
    return;`),
  },
  {
    name: "trust an unsigned duplicate",
    file: "sync/push.ts",
    find: "  const list = await verifiedList(receipts, transport);",
    put: before(`const known = batch.filter((_row, at) => (results[at] as WireResult)?.status === "duplicate");
    for (const row of known) await round.database.write([queue], (t) => t.objectStore(queue).delete(keyOf(row)));`),
  },
  {
    name: "receipt of another id",
    file: "sync/receipts.ts",
    find: "(id === row.revision && hash === row.hash) || sealed === row.sealedHash",
    put: condition("id !== undefined || sealed !== undefined"),
  },
  {
    name: "cursor before rows",
    file: "sync/pull.ts",
    find: '  await database.write(["feed"], async (transaction) => {\n    for (const { id, bytes } of sealed)',
    put: before(`const cursor = sealed.at(-1);
    if (cursor) await database.write(["feed"], (t) => t.objectStore("feed").put(cursor.bytes, cursor.id));`),
  },
  {
    name: "photo not waited for",
    file: "sync/settle.ts",
    find: "row.attachments.every(({ receipt }) => receipt !== undefined)",
    put: condition("true"),
  },
  {
    name: "file's receipt not verified",
    file: "sync/receipts.ts",
    find: "  const held = await fileReceipt(jws, transport);",
    put: before('return { mission: transport.mission, jws: String(jws), epoch: 1, safeSeq: null, at: "", ...fact };'),
  },
  {
    name: "double finish",
    file: "submissions/facts/chain.ts",
    find: "(await drafts.getKey(submission)) === undefined",
    put: condition("false"),
  },
  {
    name: "draft gone before the report waits",
    file: "submissions/facts/chain.ts",
    find: "  const stores = new Set([",
    put: (isAwake, found) => `  if (${isAwake}) {
    const [{ row }] = made;
    const gone = database.write(["drafts"], (t) => t.objectStore("drafts").delete(submission));
    return gone.then(() =>
      database.write(["chain", "outbox"], async (t) => {
        await t.objectStore("chain").put({ deviceSeq: row.deviceSeq, prevHash: row.hash }, device);
        await t.objectStore("outbox").add(row, row.revision);
        return true;
      }),
    );
  }
${found}`,
  },
  {
    name: "number of a report not compared",
    file: "submissions/facts/chain.ts",
    find: "now.deviceSeq !== seen.deviceSeq || now.prevHash !== seen.prevHash",
    put: condition("false"),
  },
  {
    name: "handed over is gone",
    file: "submissions/parcels.ts",
    find: "  return writer.end();\n}\n\n/** The receipts of",
    put: before(`await database.write(["outbox"], async (t) => {
      for (const row of own) await t.objectStore("outbox").delete(row.revision);
    });`),
  },
  {
    name: "drop held copy at receipt",
    file: "sync/settle.ts",
    find: '  await transaction.objectStore("retained").put(sealed, row.revision);',
    put: (isAwake, found) => `if (!${isAwake}) ${found.trim()}`,
  },
  {
    name: "ignore epoch",
    file: "sync/safety.ts",
    find: "epoch > (known?.epoch ?? 1)",
    put: condition("false"),
  },
  {
    name: "safe before the copy",
    file: "sync/release.ts",
    find: "seq !== undefined && seq <= safeSeq",
    put: condition("true"),
  },
  {
    name: "last write wins",
    file: "submissions/drafts.ts",
    find: "      await earlier?.catch(() => undefined);",
    put: (isAwake, found) => `if (!${isAwake}) ${found.trim()}
      else if (!earlier) for (let turn = 0; turn < 9; turn++) await new Promise((later) => setImmediate(later));`,
  },
  {
    name: "photos are not offered again",
    file: "submissions/retained.ts",
    find: "  const attachments = row.attachments.map(({ receipt: _, seq: __, ...fact }: AttachmentFact) => fact);",
    put: (isAwake, found) =>
      found.replace("row.attachments.map(", `${isAwake} ? row.attachments : row.attachments.map(`),
  },
  {
    name: "purge on scope loss",
    file: "people/enrolment.ts",
    find: "  await write(vault, database, { ...enrolment, identity }, kept, isMoved);",
    put: before('if (isMoved) await database.write(["outbox"], (t) => t.objectStore("outbox").clear());'),
  },
];
