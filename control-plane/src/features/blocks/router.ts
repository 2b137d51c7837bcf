import { blockRefInput, blockTypeRefInput, listBlocksInput, setBlockInput, setBlockTypeInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { command, query } from '../../platform/command.ts';
import { deleteBlock, deleteBlockType, getBlock, listBlocks, listBlockTypes, setBlock, setBlockType } from './service.ts';

export const blocksRouter = {
  types: query({ scope: 'blocks:read', single: true, input: z.void(), run: listBlockTypes }),
  setType: command({ scope: 'blocks:write', action: 'block-type.set', input: setBlockTypeInput, run: setBlockType }),
  deleteType: command({ scope: 'blocks:write', action: 'block-type.delete', input: blockTypeRefInput, run: deleteBlockType }),
  list: query({ scope: 'blocks:read', single: true, input: listBlocksInput, run: listBlocks }),
  get: query({ scope: 'blocks:read', single: true, input: blockRefInput, run: getBlock }),
  set: command({ scope: 'blocks:write', single: true, action: 'block.set', input: setBlockInput, run: setBlock }),
  delete: command({ scope: 'blocks:write', single: true, action: 'block.delete', input: blockRefInput, run: deleteBlock }),
};
