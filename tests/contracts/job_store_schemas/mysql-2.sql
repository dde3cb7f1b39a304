CREATE TABLE `saltern_body` (
  `id` bigint(20) NOT NULL,
  `part` int(11) NOT NULL,
  `data` longblob NOT NULL,
  PRIMARY KEY (`id`,`part`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `saltern_body` VALUES (3,0,0xA36F6C64);
CREATE TABLE `saltern_job` (
  `id` bigint(20) NOT NULL,
  `jid` varbinary(255) NOT NULL,
  `created` double NOT NULL,
  `fun` mediumblob NOT NULL,
  `tgt` longblob NOT NULL,
  `usr` blob NOT NULL,
  `tagged` tinyint(4) NOT NULL,
  `bytes` bigint(20) NOT NULL,
  `data` longblob NOT NULL,
  `queued` int(11) NOT NULL,
  `sent` int(11) NOT NULL,
  `running` int(11) NOT NULL,
  `returned` int(11) NOT NULL,
  `failed` int(11) NOT NULL,
  `expired` int(11) NOT NULL,
  `lost` int(11) NOT NULL,
  `refused` int(11) NOT NULL,
  `cancelled` int(11) NOT NULL,
  `timed_out` int(11) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `jid` (`jid`),
  KEY `created` (`created`,`jid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `saltern_job` VALUES (1,0x3230323630393231313433333230303030303030,1790000000,0x746573742E70696E67,0x2A,0x726F6F74,0,398,0xDE0011A36A6964B43230323630393231313433333230303030303030A366756EA9746573742E70696E67A361726790A3746774A12AA87467745F74797065A4676C6F62A964656C696D69746572A13AA475736572A4726F6F74A763726561746564CB41DAAC4EE0000000A3726574A0AA7265745F636F6E666967A0AA7265745F6B776172677380A86D65746164617461C0A66B776172677380A76D697373696E6790AD64656C697665725F756E74696CC0A774696D656F7574C0A66D6173746572A0,1,0,0,1,0,0,0,0,0,0);
CREATE TABLE `saltern_meta` (
  `version` int(11) NOT NULL,
  `seq` bigint(20) NOT NULL,
  `last_job` bigint(20) NOT NULL,
  `last_minion` int(11) NOT NULL,
  `jobs` bigint(20) NOT NULL,
  `bytes` bigint(20) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `saltern_meta` VALUES (2,3,1,2,1,398);
CREATE TABLE `saltern_minion` (
  `id` int(11) NOT NULL,
  `name` varbinary(1024) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `name` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `saltern_minion` VALUES (1,0x6D31);
INSERT INTO `saltern_minion` VALUES (2,0x6D32);
CREATE TABLE `saltern_outcome` (
  `job` bigint(20) NOT NULL,
  `minion` int(11) NOT NULL,
  `state` tinyint(4) NOT NULL,
  `seq` bigint(20) NOT NULL,
  `changed` bigint(20) NOT NULL,
  `started` bigint(20) DEFAULT NULL,
  `retcode` bigint(20) DEFAULT NULL,
  `success` tinyint(4) DEFAULT NULL,
  `size` bigint(20) NOT NULL,
  `note` mediumblob DEFAULT NULL,
  `body` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`job`,`minion`),
  KEY `minion` (`minion`,`job`),
  KEY `state` (`state`,`seq`),
  KEY `seq` (`seq`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `saltern_outcome` VALUES (1,1,3,3,1790000001000000,NULL,0,1,4,NULL,3);
INSERT INTO `saltern_outcome` VALUES (1,2,0,2,1790000000000000,NULL,NULL,NULL,0,NULL,NULL);
CREATE TABLE `saltern_upload` (
  `id` bigint(20) NOT NULL,
  `begun` double NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE TABLE `saltern_writer` (
  `id` varbinary(64) NOT NULL,
  `batch` bigint(20) NOT NULL,
  `seen` double NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `saltern_writer` VALUES (0x6539313036323563313239643031323336636130323838373338656137316562,2,1795747682.0824296);
