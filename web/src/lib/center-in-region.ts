/** A `ref` of an item in a ScrollRegion that is wider than the screen: scrolls to it once, so that it is in sight. */
export function centerInRegion(item: HTMLElement | null): void {
  const region = item?.closest('section');
  if (item && region) region.scrollLeft = item.offsetLeft + (item.offsetWidth - region.clientWidth) / 2;
}
