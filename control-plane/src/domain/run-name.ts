/** Names for runs that were given none: two friendly words, easy to say over a shoulder. Nothing depends on them. */

const FIRST =
  'amber brave brisk bright calm clever copper coral crisp daring eager early fair fleet fond frosty gentle glad golden grand green hardy hazel honest humble ivory jolly keen kind lively loyal lucid lucky mellow merry mild misty modest neat nimble noble olive patient plucky polite prime proud quick quiet rapid rosy ruby sandy silent silver simple sleek snowy solar steady still sunny swift tidy tranquil trusty velvet vivid warm wise witty young'.split(
    ' ',
  );
const SECOND =
  'acorn anchor arrow aspen badger beacon birch bison brook canyon cedar cliff clover comet condor cove crane creek dale delta dolphin eagle ember falcon fern finch fjord forest fox gale garden glacier grove harbor hawk heron hill island jay juniper kestrel lagoon lake lantern lark leaf linden lynx maple marsh meadow mesa moon moss oak orbit orchid otter owl pebble pine plover pond prairie quail raven reef ridge river robin sail salmon sparrow spruce star stone stork summit swan thicket tide trail valley wave willow wren'.split(
    ' ',
  );

/** `brisk-otter`. @param random as `Math.random`: 0 to below 1. */
export function friendlyRunName(random: () => number): string {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)] ?? words[0];
  return `${pick(FIRST)}-${pick(SECOND)}`;
}
