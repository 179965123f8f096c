/** Casts votes for `yes`, each by a different voter in a separate request; throws unless all are acknowledged. */
export async function castMany(
  url: string,
  contest: string,
  { from, votes }: { readonly from: number; readonly votes: number },
): Promise<void> {
  const cast = async (n: number) => {
    const response = await fetch(`${url}/v1/votes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        contest,
        choice: 'yes',
        voter: `${contest}-${n}`,
        attributes: { attempt: `${contest}-${n}` },
      }),
    });
    if (response.status !== 202) throw new Error(`A vote was answered ${response.status}: ${await response.text()}`);
  };
  await Promise.all(Array.from({ length: votes }, (_, n) => cast(from + n)));
}
