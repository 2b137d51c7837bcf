import { assetGraphInput, assetRefInput, listAssetsInput, listMaterializationsInput } from '@signalbox/proto/api';
import { command, query } from '../../platform/command.ts';
import { deleteAsset, getAsset, graphOfAsset, listAssets, listMaterializations } from './service.ts';

export const assetsRouter = {
  list: query({ scope: 'assets:read', input: listAssetsInput, run: listAssets }),
  get: query({ scope: 'assets:read', input: assetRefInput, run: getAsset }),
  materializations: query({ scope: 'assets:read', input: listMaterializationsInput, run: listMaterializations }),
  graph: query({ scope: 'assets:read', input: assetGraphInput, run: graphOfAsset }),
  delete: command({ scope: 'assets:write', action: 'asset.delete', input: assetRefInput, run: deleteAsset }),
};
