#!pyobjects
import lib.m
