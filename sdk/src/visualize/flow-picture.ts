/** A flow as a picture: boxes for what it calls, arrows for what waits for what, frames for branches, loops and transactions. */

export type BoxKind = 'start' | 'task' | 'map' | 'flow' | 'deployment' | 'wait';

export interface Box {
  readonly id: number;
  readonly label: string;
  readonly kind: BoxKind;
  /** Innermost frame it stands in. */
  readonly frame: number | null;
}

export interface Arrow {
  readonly from: number;
  readonly to: number;
  /** `data`: the result is used. `order`: it is only waited for. */
  readonly kind: 'data' | 'order';
}

export interface Frame {
  readonly id: number;
  readonly label: string;
  readonly parent: number | null;
}

export interface FlowPicture {
  readonly flow: string;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
  readonly frames: readonly Frame[];
}

/** Collects a picture while a flow is read. */
export class PictureBuilder {
  readonly #boxes: Box[] = [];
  readonly #arrows = new Map<string, Arrow>();
  readonly #frames: Frame[] = [];
  #frame: number | null = null;

  box(label: string, kind: BoxKind): number {
    const id = this.#boxes.length;
    this.#boxes.push({ id, label, kind, frame: this.#frame });
    return id;
  }

  arrow(from: number, to: number, kind: Arrow['kind']): void {
    const key = `${from}>${to}`;
    if (from !== to && (kind === 'data' || !this.#arrows.has(key))) this.#arrows.set(key, { from, to, kind });
  }

  /** Boxes that `body` makes stand in a frame. */
  framed<T>(label: string, body: () => T): T {
    const outer = this.#frame;
    const id = this.#frames.length;
    this.#frames.push({ id, label, parent: outer });
    this.#frame = id;
    try {
      return body();
    } finally {
      this.#frame = outer;
    }
  }

  /** Frames without a box are left out: code that calls nothing is no part of the picture. */
  done(flow: string): FlowPicture {
    const used = new Set<number>();
    for (const { frame } of this.#boxes) for (let each = frame; each !== null; each = this.#frames[each]?.parent ?? null) used.add(each);
    return { flow, boxes: this.#boxes, arrows: [...this.#arrows.values()], frames: this.#frames.filter(({ id }) => used.has(id)) };
  }
}
