/** Whether automations did what they should, each once. Pure: what was seen and what should be goes in, what is wrong comes out. */
export type SeenAutomations = {
  /** By rule: what tells one firing from another (the position of its event, else its key), as often as it should fire. */
  readonly expected: ReadonlyMap<string, readonly string[]>;
  /** Rules over state, whose edges depend on when it was looked: each key that fired is resolved in the end, once. */
  readonly edges: ReadonlySet<string>;
  readonly firings: readonly {
    readonly id: string;
    readonly rule: string;
    readonly kind: 'triggered' | 'resolved';
    readonly mark: string;
  }[];
  /** Types of the actions of each rule, by kind of firing. */
  readonly actionsOf: ReadonlyMap<string, Readonly<Record<'triggered' | 'resolved', readonly string[]>>>;
  readonly actions: readonly { readonly id: string; readonly firing: string; readonly type: string; readonly status: string }[];
  /** `type firing` -> what it led to: ids of events, of runs, of deliveries that were taken. */
  readonly effects: ReadonlyMap<string, ReadonlySet<string>>;
};

export type AutomationViolations = {
  readonly firingsWrong: number;
  readonly lostActions: number;
  readonly doubledEffects: number;
  readonly examples: readonly string[];
};

export const effectKey = (type: string, firing: string): string => `${type} ${firing}`;

export function checkAutomations(seen: SeenAutomations): AutomationViolations {
  const examples: string[] = [];
  const count = (kind: string, problems: readonly string[]): number => {
    if (problems[0] !== undefined) examples.push(`${kind} (${problems.length}): ${problems.slice(0, 3).join('; ')}`);
    return problems.length;
  };
  return {
    firingsWrong: count('firings', [...wrongFirings(seen), ...openEdges(seen)]),
    lostActions: count('lost actions', lostActions(seen)),
    doubledEffects: count('doubled effects', doubledEffects(seen)),
    examples,
  };
}

function wrongFirings({ expected, firings }: SeenAutomations): string[] {
  return [...expected].flatMap(([rule, marks]) => {
    const [wanted, made] = [countsOf(marks), countsOf(firings.filter((firing) => firing.rule === rule).map(({ mark }) => mark))];
    return [...new Set([...wanted.keys(), ...made.keys()])].flatMap((mark) => {
      const [should, did] = [wanted.get(mark) ?? 0, made.get(mark) ?? 0];
      return should === did ? [] : [`"${rule}" fired ${did} times for ${mark}, not ${should}`];
    });
  });
}

function openEdges({ edges, firings }: SeenAutomations): string[] {
  const ofEdges = firings.filter(({ rule }) => edges.has(rule));
  return [...Map.groupBy(ofEdges, ({ rule, mark }) => `${rule} for ${mark}`)].flatMap(([key, own]) => {
    const fired = own.filter(({ kind }) => kind === 'triggered').length;
    return fired * 2 === own.length ? [] : [`${key}: fired ${fired} times, resolved ${own.length - fired}`];
  });
}

/** Not done, not there though the firing is, or without its effect. */
function lostActions({ firings, actionsOf, actions, effects }: SeenAutomations): string[] {
  const byFiring = Map.groupBy(actions, ({ firing }) => firing);
  return firings.flatMap(({ id, rule, kind }) => {
    const own = byFiring.get(id) ?? [];
    return (actionsOf.get(rule)?.[kind] ?? []).flatMap((type) => {
      const action = own.find((each) => each.type === type);
      if (!action) return [`${type} of ${id} ("${rule}") is nowhere`];
      if (action.status !== 'done') return [`${type} of ${id} ("${rule}") is ${action.status}`];
      return effects.has(effectKey(type, id)) ? [] : [`${type} of ${id} ("${rule}") is done and nothing came of it`];
    });
  });
}

/** Two events or runs of one action, or one delivery under two ids. */
function doubledEffects({ effects }: SeenAutomations): string[] {
  return [...effects].flatMap(([key, ids]) => (ids.size <= 1 ? [] : [`${key}: ${[...ids].slice(0, 3).join(', ')}`]));
}

function countsOf(marks: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const mark of marks) counts.set(mark, (counts.get(mark) ?? 0) + 1);
  return counts;
}
